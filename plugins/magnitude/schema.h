#pragma once

#include <array>

#include "prumux/score_pruning.h"

namespace prumux::magnitude {

inline constexpr auto kParameters = joined(
    kScorePruningParameters,
    std::array{ranking_parameter("balanced"),
               string_parameter("norm", "l2", "l1|l2",
                                "Sum of absolute values, or of squares, of a unit's weights")});

}  // namespace prumux::magnitude
