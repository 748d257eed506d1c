#pragma once

#include <ATen/core/Tensor.h>

#include "core/model/layer.h"

namespace prumux::model {

/// LayerNorm of `residual` + dropout of `update`, both [..., d] or `update` a row [d] for all: what
/// ends each block of a layer (Vaswani et al. 2017). One pass forwards and one backwards; nothing
/// is kept but both arguments and the rows' moments. `residual` is float32, `update` float32 or
/// bfloat16; the result is float32.
at::Tensor add_and_normalise(const at::Tensor& residual, const at::Tensor& update, const Norm& norm,
                             double eps, double dropout_probability);

}  // namespace prumux::model
