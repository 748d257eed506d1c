#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>

#include "core/model/model.h"
#include "core/runtime/device/device_weights.h"
#include "core/runtime/device/row_kernels.h"

namespace prumux::runtime {

/// A model's forward pass on an accelerator: products and attention by libtorch, everything around
/// a multiplexed sequence by the row kernels. Works on the CPU too, where it is tested.
/// One thread at a time.
class DeviceEncoder {
 public:
  /// `type`: float32, bfloat16 or float16. `kernels` are of the same device.
  /// Throws `ConfigError` as `DeviceWeights::of` does.
  DeviceEncoder(const model::Model& model, at::Device device, at::ScalarType type,
                std::shared_ptr<const RowKernels> kernels);

  /// Rows on the CPU -> logits as `Model::forward` returns them, float32 on the CPU.
  at::Tensor logits(const model::ModelInputs& inputs) const;

 private:
  TokenRows edited_rows(const model::ModelInputs& inputs) const;
  at::Tensor embed(const TokenRows& rows, const at::Tensor& token_type_ids) const;
  at::Tensor mix(const TokenRows& rows) const;
  at::Tensor attention_bias(const TokenRows& rows) const;
  at::Tensor run_layers(const at::Tensor& embedded, const at::Tensor& bias) const;
  at::Tensor attend(const at::Tensor& x, const at::Tensor& queries, const DeviceAttention& block,
                    const at::Tensor& bias) const;
  /// hidden [B, Q, d'] -> features of the positions that the classifier reads [R, P, d].
  at::Tensor separate(const at::Tensor& hidden) const;
  at::Tensor classify(const at::Tensor& features) const;

  std::int64_t prefix_length() const;
  /// Positions from the first on that the classifier needs; 0: all.
  std::int64_t read_positions() const;

  DeviceWeights weights_;
  at::Device device_;
  at::ScalarType type_;
  std::shared_ptr<const RowKernels> kernels_;
  std::size_t last_reader_ = 0;  ///< The last layer with attention.
};

}  // namespace prumux::runtime
