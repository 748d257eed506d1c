#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/model/layer.h"
#include "core/runtime/kernels/packed_matrix.h"
#include "core/runtime/network/network.h"

namespace prumux::runtime {

/// float32 values in memory, row by row.
class Values {
 public:
  explicit Values(const at::Tensor& tensor);

  const float* data() const;
  std::vector<float> vector() const { return {data(), data() + tensor_.numel()}; }

 private:
  at::Tensor tensor_;
};

std::size_t size_of(const at::Tensor& tensor, std::int64_t dimension);

/// Matrices below each other, none of them factorised.
kernels::PackedMatrix pack(const std::vector<model::Affine>& parts, kernels::NumberFormat format);

Norm norm_of(const at::Tensor& weight, const at::Tensor& bias, double epsilon);

LayerWeights pack_layer(const model::Layer& layer, std::size_t head_size, double epsilon,
                        kernels::NumberFormat format);

}  // namespace prumux::runtime
