#include "prumux/plugin.h"

#include "@NAME@.h"

namespace {

constexpr PrumuxParameterV1 kParameters[] = {
    prumux::real_parameter("power", "2", 1, 8, "",
                           "Of the distance by which a measurement loses weight"),
};

constexpr PrumuxMethodV1 kMethods[] = {
    prumux::performance_model_method<@NAME@::@CLASS@>(
        "@NAME@", "Mean of the measurements, weighted by inverse distance",
        "Shepard, A two-dimensional interpolation function for irregularly-spaced data (1968)",
        kParameters),
};

}  // namespace

PRUMUX_PLUGIN("@NAME@", "0.1.0", "MIT", kMethods);
