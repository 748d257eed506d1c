#include "prumux/plugin.h"

#include "magnitude.h"
#include "schema.h"

namespace prumux::magnitude {

constexpr PrumuxMethodV1 kMethods[] = {
    compressor_method<Magnitude>(
        "magnitude", "Gradual structured pruning of the units with the smallest weights",
        "Li et al., Pruning Filters for Efficient ConvNets (ICLR 2017); Zhu and Gupta, To Prune, "
        "or Not to Prune (2018)",
        kParameters),
};

}  // namespace prumux::magnitude

PRUMUX_PLUGIN("magnitude", PRUMUX_SDK_VERSION, "MIT", prumux::magnitude::kMethods);
