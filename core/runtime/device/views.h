#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/ScalarType.h>

#include "core/model/layer.h"
#include "core/runtime/device/row_kernels.h"

namespace prumux::runtime {

/// The tensors must outlive the view.
inline NormView norm_view(const model::Norm& norm, double epsilon) {
  return {norm.weight.const_data_ptr<float>(), norm.bias.const_data_ptr<float>(),
          static_cast<float>(epsilon)};
}

/// float32, float16 or bfloat16.
inline Storage storage_of(at::ScalarType type) {
  if (type == at::kHalf) return Storage::float16;
  return type == at::kBFloat16 ? Storage::bfloat16 : Storage::float32;
}

}  // namespace prumux::runtime
