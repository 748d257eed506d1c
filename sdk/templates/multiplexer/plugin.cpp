#include "prumux/plugin.h"

#include "@NAME@.h"

namespace {

constexpr PrumuxParameterV1 kParameters[] = {
    prumux::real_parameter("bias_range", "0.02", 0, 1, "",
                           "Standard deviation of the fresh bias of each instance"),
};

constexpr PrumuxMethodV1 kMethods[] = {
    prumux::multiplexer_method<@NAME@::@CLASS@>(
        "@NAME@", "Instances marked by random signs and added up",
        "Murahari et al., DataMUX: Data Multiplexing for Neural Networks (NeurIPS 2022)",
        kParameters),
};

}  // namespace

PRUMUX_PLUGIN("@NAME@", "0.1.0", "MIT", kMethods);
