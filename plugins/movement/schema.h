#pragma once

#include <array>

#include "prumux/score_pruning.h"

namespace prumux::movement {

inline constexpr auto kParameters =
    joined(kScorePruningParameters, std::array{ranking_parameter("global")});

}  // namespace prumux::movement
