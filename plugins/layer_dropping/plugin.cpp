#include "prumux/plugin.h"

#include "layer_dropping.h"
#include "schema.h"

namespace prumux::layer_dropping {

constexpr PrumuxMethodV1 kMethods[] = {
    compressor_method<LayerDropping>(
        "layer_dropping", "Removal of whole layers, chosen by their place",
        "Sajjad et al., On the Effect of Dropping Layers of Pre-trained Transformer Models (2023)",
        kParameters),
};

}  // namespace prumux::layer_dropping

PRUMUX_PLUGIN("layer_dropping", PRUMUX_SDK_VERSION, "MIT", prumux::layer_dropping::kMethods);
