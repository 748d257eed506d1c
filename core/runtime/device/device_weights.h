#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "core/model/config.h"
#include "core/model/embeddings.h"
#include "core/model/layer.h"
#include "core/model/model.h"
#include "prumux/inference_form.h"

namespace prumux::runtime {

/// Attention with one product for queries, keys and values.
struct DeviceAttention {
  model::Affine projection;  ///< [3*h*dh, s].
  model::Affine output;      ///< [s, h*dh].
};

/// As `model::Layer`. Hidden states have s columns, d' rounded up with zeros, and so have the units
/// of a feed-forward block: the matrix units of a GPU read whole vectors.
struct DeviceLayer {
  std::optional<DeviceAttention> attention;
  model::Norm attention_norm;  ///< [s] float32.
  std::optional<model::FeedForwardBlock> feed_forward;
  model::Norm feed_forward_norm;  ///< [s] float32.
};

/// Tables of a multiplexed model, for the fused kernel: small tensors in float32.
struct DeviceMixing {
  at::Tensor token_type;      ///< [d].
  model::Norm first_norm;     ///< [d].
  at::Tensor factors;         ///< [N, d]; zero where a column is not kept.
  at::Tensor kept;            ///< [d'] or undefined.
  at::Tensor second_offsets;  ///< [P, d'].
  model::Norm second_norm;    ///< [d'].
};

/// A model's weights on one device and of one type, arranged for inference. Shares nothing with
/// the model that it was made from.
struct DeviceWeights {
  model::ModelConfig config;
  model::EmbeddingTables embeddings;
  std::vector<DeviceLayer> layers;
  std::int64_t columns = 0;               ///< d'.
  std::int64_t stride = 0;                ///< s.
  std::optional<model::Affine> pooler;    ///< Only where the classifier reads it.
  std::vector<model::Affine> classifier;  ///< One or two layers.
  std::optional<InferenceForm> form;      ///< Of a multiplexed model.
  /// Positions in front that the classifier of a sequence needs, its own the last of them.
  std::int64_t read_positions = 1;
  std::optional<DeviceMixing> mixing;  ///< The same.

  /// Throws `ConfigError` when the model's multiplexer has no closed form that a device can run.
  static DeviceWeights of(const model::Model& model, at::Device device, at::ScalarType type);
};

}  // namespace prumux::runtime
