#include "prumux/plugin.h"

#include "data_multiplexer.h"
#include "recognise.h"
#include "schema.h"

namespace prumux::datamux {

constexpr PrumuxMethodV1 kMethods[] = {multiplexer_method<DataMultiplexer>(
    "datamux", "Data multiplexing: one encoder pass for a weighted mean of N inputs",
    "Murahari et al., DataMUX (NeurIPS 2022); Murahari et al., MUX-PLMs (2023)", kParameters,
    &recognise)};

}  // namespace prumux::datamux

PRUMUX_PLUGIN("datamux", PRUMUX_SDK_VERSION, "MIT", prumux::datamux::kMethods);
