#pragma once

#include "prumux/plugin.h"

namespace prumux::low_rank {

inline constexpr PrumuxParameterV1 kParameters[] = {
    real_parameter("target_sparsity", nullptr, 0, 0.99, "share",
                   "Share of the dense encoder's parameters of attention and FFN blocks that is "
                   "gone in the end, what was pruned before included"),
    real_parameter("warmup_share", "0.6", 0, 1, "share",
                   "Share of the training's steps over which the ranks fall; 0: at once"),
    integer_parameter("update_every", "10", 1, HUGE_VAL, "optimiser steps",
                      "Steps between two smaller ranks while they fall"),
    real_parameter("distillation_weight", "0.5", 0, 1, "share",
                   "Weight of the teacher's logits (temperature 2) against the task's own loss; "
                   "0: without a teacher"),
};

}  // namespace prumux::low_rank
