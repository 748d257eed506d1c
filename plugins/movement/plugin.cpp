#include "prumux/plugin.h"

#include "movement.h"
#include "schema.h"

namespace prumux::movement {

constexpr PrumuxMethodV1 kMethods[] = {
    compressor_method<Movement>(
        "movement", "Gradual structured pruning of the units whose weights move towards zero",
        "Sanh et al., Movement Pruning (NeurIPS 2020); Lagunas et al., Block Pruning for Faster "
        "Transformers (EMNLP 2021)",
        kParameters),
};

}  // namespace prumux::movement

PRUMUX_PLUGIN("movement", PRUMUX_SDK_VERSION, "MIT", prumux::movement::kMethods);
