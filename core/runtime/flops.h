#pragma once

#include <cstdint>

#include "core/model/model.h"

namespace prumux::runtime {

/// Floating-point operations (a multiply-add counts two) of one example's share of a forward pass
/// over a group of `length` tokens, in evaluation mode: the matrix products, those of the
/// multiplexer and the head included, as far as the head's result needs them; elementwise work is
/// not counted. Computes such a pass, where the model is.
double flops_per_example(model::Model& model, std::int64_t length);

}  // namespace prumux::runtime
