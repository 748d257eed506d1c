#pragma once

#include "prumux/plugin.h"

namespace prumux::predictors {

inline constexpr PrumuxParameterV1 kBilinearParameters[] = {
    string_parameter("outside", "extrapolate", "extrapolate|clamp",
                     "What is predicted outside of the measurements: the nearest border cell "
                     "extrapolated, or the nearest value inside"),
};

inline constexpr PrumuxParameterV1 kGaussianProcessParameters[] = {
    real_parameter("length_scale", "0", 0, 100, "share",
                   "Share of a dimension's measured range over which values stay alike; 0: found "
                   "from the measurements, for each dimension"),
    real_parameter("noise", "0", 0, 10, "share",
                   "Noise of a measurement as a share of the deviation from the trend; 0: found "
                   "from the measurements"),
};

inline constexpr PrumuxParameterV1 kAnalyticParameters[] = {
    integer_parameter("layers", "12", 1, 1000, "", "Layers of the dense encoder"),
    integer_parameter("hidden", "768", 1, 1 << 20, "", "Hidden dimensions of the dense encoder"),
    integer_parameter("heads", "12", 1, 1 << 20, "", "Attention heads of a dense layer"),
    integer_parameter("intermediate", "3072", 1, 1 << 20, "",
                      "Intermediate dimensions of a dense layer"),
    real_parameter("length", "128", 1, 65536, "tokens", "Length of a text"),
    real_parameter("prefix", "0", 0, 64, "tokens",
                   "Tokens that multiplexing puts in front of every row, for each instance"),
    integer_parameter("groups", "32", 1, 1e6, "groups", "Groups of a batch"),
};

}  // namespace prumux::predictors
