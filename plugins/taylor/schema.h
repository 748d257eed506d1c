#pragma once

#include <array>

#include "prumux/score_pruning.h"

namespace prumux::taylor {

inline constexpr auto kParameters = joined(
    kScorePruningParameters,
    std::array{ranking_parameter("global"),
               real_parameter("memory", "0.95", 0, 0.9999, "share",
                              "How much of the average importance an optimiser step leaves; the "
                              "rest is that of the step")});

}  // namespace prumux::taylor
