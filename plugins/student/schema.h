#pragma once

#include "prumux/plugin.h"

namespace prumux::student {

inline constexpr PrumuxParameterV1 kParameters[] = {
    real_parameter("target_sparsity", nullptr, 0, 0.99, "share",
                   "Share of the parameters of attention and FFN blocks that the student lacks"),
    integer_parameter("layers", "0", 0, 1000, "",
                      "Layers of the student; 0: as many as make depth and width give alike"),
    real_parameter("distillation_weight", "0.5", 0, 1, "share",
                   "Weight of the teacher's logits (temperature 2) against the task's own loss"),
    real_parameter("hidden_weight", "1", 0, 1000, "",
                   "Weight of the squared error of the hidden states after the student's layers"),
};

}  // namespace prumux::student
