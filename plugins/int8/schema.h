#pragma once

#include "prumux/plugin.h"

namespace prumux::int8 {

inline constexpr PrumuxParameterV1 kParameters[] = {
    real_parameter("distillation_weight", "0.5", 0, 1, "share",
                   "Weight of the teacher's logits (temperature 2) against the task's own loss; "
                   "0: without a teacher"),
};

}  // namespace prumux::int8
