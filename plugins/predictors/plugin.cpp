#include "prumux/plugin.h"

#include "bilinear.h"

namespace {

constexpr PrumuxParameterV1 kBilinearParameters[] = {
    prumux::string_parameter("outside", "extrapolate", "extrapolate|clamp",
                             "what is predicted outside of the measurements: the nearest border "
                             "cell extrapolated, or the nearest value inside"),
};

constexpr PrumuxMethodV1 kMethods[] = {
    prumux::performance_model_method<prumux::predictors::Bilinear>(
        "bilinear", "Auto-PruMUX: piecewise bilinear interpolation over instances and sparsity",
        "PruMUX: Augmenting Data Multiplexing with Model Compression (2023), section 3",
        kBilinearParameters),
};

}  // namespace

PRUMUX_PLUGIN("predictors", PRUMUX_SDK_VERSION, "MIT", kMethods);
