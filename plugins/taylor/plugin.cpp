#include "prumux/plugin.h"

#include "schema.h"
#include "taylor.h"

namespace prumux::taylor {

constexpr PrumuxMethodV1 kMethods[] = {
    compressor_method<Taylor>(
        "taylor", "Gradual structured pruning of the units that matter least to first order",
        "Michel et al., Are Sixteen Heads Really Better than One? (NeurIPS 2019); Molchanov et "
        "al., Importance Estimation for Neural Network Pruning (CVPR 2019)",
        kParameters),
};

}  // namespace prumux::taylor

PRUMUX_PLUGIN("taylor", PRUMUX_SDK_VERSION, "MIT", prumux::taylor::kMethods);
