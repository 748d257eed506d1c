#pragma once

#include <cstdint>

#include "core/model/model.h"

namespace prumux::runtime {

/// Floating-point operations (a multiply-add counts two) of one example's share of a forward pass
/// over groups of `length` tokens: matrix products of the encoder and of what the multiplexer adds
/// to the checkpoint's weights, elementwise work not counted.
double flops_per_example(const model::Model& model, std::int64_t length);

}  // namespace prumux::runtime
