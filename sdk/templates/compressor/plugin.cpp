#include "prumux/plugin.h"

#include "@NAME@.h"

namespace {

constexpr auto kParameters = prumux::joined(
    prumux::kScorePruningParameters,
    std::array{prumux::ranking_parameter("balanced"),
               prumux::real_parameter("power", "2", 1, 4, "",
                                      "A unit's score is the sum of |w|^power of its weights")});

constexpr PrumuxMethodV1 kMethods[] = {
    prumux::compressor_method<@NAME@::@CLASS@>(
        "@NAME@", "Gradual pruning of the units with the smallest output weights",
        "Li et al., Pruning Filters for Efficient ConvNets (ICLR 2017)", kParameters,
        PRUMUX_NEEDS_TEACHER),
};

}  // namespace

PRUMUX_PLUGIN("@NAME@", "0.1.0", "MIT", kMethods);
