#include "prumux/plugin.h"

#include "cofi_compressor.h"
#include "distillation_compressor.h"
#include "schema.h"

namespace prumux::cofi {

constexpr PrumuxMethodV1 kMethods[] = {
    compressor_method<CofiCompressor>(
        "cofi",
        "Coarse- and fine-grained structured pruning under distillation, to a given sparsity",
        "Xia et al., Structured Pruning Learns Compact and Accurate Models (ACL 2022)",
        // Hard concrete ends in a clamp.
        kCofiParameters, PRUMUX_ZERO_MASKS_ARE_CONSTANT),
    compressor_method<DistillationCompressor>(
        "distillation", "Distillation of layers and logits, without pruning",
        "Xia et al., Structured Pruning Learns Compact and Accurate Models (ACL 2022)",
        kDistillationParameters, PRUMUX_NEEDS_TEACHER),
};

}  // namespace prumux::cofi

PRUMUX_PLUGIN("cofi", PRUMUX_SDK_VERSION, "MIT", prumux::cofi::kMethods);
