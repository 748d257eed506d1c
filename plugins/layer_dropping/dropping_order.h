#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "prumux/encoder.h"
#include "prumux/structure.h"

namespace prumux::layer_dropping {

/// All layers from 0 to `num_layers` - 1, in the order in which `strategy` drops them (Sajjad et
/// al. 2023): "top" from the last to the first; "bottom" from the first to the last; "alternate"
/// every second from the last but one down, then the others; "symmetric" from the middle outwards.
std::vector<std::int64_t> dropping_order(const std::string& strategy, std::int64_t num_layers);

/// Masks that drop layers in `order` until the share `sparsity` of the parameters of attention and
/// FFN blocks is gone: whole layers, and of the next one the attention block or the FFN block where
/// that comes nearest.
StructureMasks drop_layers(const std::vector<std::int64_t>& order, const EncoderConfig& encoder,
                           double sparsity);

}  // namespace prumux::layer_dropping
