#include "prumux/plugin.h"

#include "int8_training.h"
#include "schema.h"

namespace prumux::int8 {

constexpr PrumuxMethodV1 kMethods[] = {
    compressor_method<Int8Training>(
        "int8", "Training with weights rounded to int8, for inference with --dtype int8",
        "Jacob et al., Quantization and Training of Neural Networks (CVPR 2018); Krishnamoorthi, "
        "Quantizing Deep Convolutional Networks (2018)",
        kParameters),
};

}  // namespace prumux::int8

PRUMUX_PLUGIN("int8", PRUMUX_SDK_VERSION, "MIT", prumux::int8::kMethods);
