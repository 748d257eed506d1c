#pragma once

#include "prumux/plugin.h"

namespace prumux::layer_dropping {

inline constexpr PrumuxParameterV1 kParameters[] = {
    real_parameter("target_sparsity", nullptr, 0, 0.99, "share",
                   "Share of the parameters of attention and FFN blocks to remove: whole layers, "
                   "and one block of another where that comes nearest"),
    string_parameter("strategy", "top", "top|bottom|alternate|symmetric",
                     "Which layers go first: the last ones, the first ones, every second one, or "
                     "those in the middle"),
    integer_parameter("warmup_steps", "0", 0, HUGE_VAL, "optimiser steps",
                      "Steps over which the layers go one after the other; 0: at once"),
    real_parameter("distillation_weight", "0.5", 0, 1, "share",
                   "Weight of the teacher's logits (temperature 2) against the task's own loss; "
                   "0: without a teacher"),
};

}  // namespace prumux::layer_dropping
