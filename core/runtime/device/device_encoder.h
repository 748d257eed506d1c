#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>

#include "core/model/model.h"
#include "core/runtime/device/device_weights.h"
#include "core/runtime/device/row_kernels.h"

namespace prumux::runtime {

/// Rows [R, L] int64 on the encoder's device, in complete groups.
struct DeviceRows {
  at::Tensor input_ids;
  at::Tensor attention_mask;  ///< Undefined: every position is attended to.
  at::Tensor token_type_ids;  ///< Undefined: all 0. Of plain models only.
};

/// A model's forward pass on an accelerator: products and attention by libtorch, everything around
/// a multiplexed sequence and between the products by the row kernels. Works on the CPU too, where
/// it is tested. One thread at a time.
class DeviceEncoder {
 public:
  /// `type`: float32, bfloat16 or float16. `kernels` are of the same device.
  /// Throws `ConfigError` as `DeviceWeights::of` does.
  DeviceEncoder(const model::Model& model, at::Device device, at::ScalarType type,
                std::shared_ptr<const RowKernels> kernels);

  /// Rows on the CPU -> logits as `Model::forward` returns them, float32 on the CPU. Throws
  /// `DataError` for tokens or lengths that the model has no embedding for.
  at::Tensor logits(const model::ModelInputs& inputs) const;

  /// The same on the device, which waits for nothing: [R, labels] or [R, L, labels], float32. Token
  /// ids, types and lengths are those of the tables. For `RowKernels::record`, too.
  at::Tensor compute(const DeviceRows& rows) const;

  const model::ModelConfig& config() const { return weights_.config; }
  at::Device device() const { return device_; }
  const RowKernels& kernels() const { return *kernels_; }

 private:
  DeviceRows edit(const DeviceRows& rows) const;
  at::Tensor embed(const DeviceRows& rows) const;
  at::Tensor mix(const DeviceRows& rows) const;
  at::Tensor attention_bias(const DeviceRows& rows) const;
  at::Tensor run_layers(const at::Tensor& embedded, const at::Tensor& bias) const;
  at::Tensor attend(const at::Tensor& x, const at::Tensor& queries, const DeviceAttention& block,
                    const at::Tensor& bias) const;
  at::Tensor feed_forward(const at::Tensor& x, const model::FeedForwardBlock& block) const;
  at::Tensor add_and_normalise(const at::Tensor& residual, const at::Tensor& update,
                               const model::Norm& norm) const;
  /// hidden [B, Q, s] -> features of the positions that the classifier reads [R, P, d].
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
