#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <optional>

#include "core/model/model.h"
#include "core/runtime/row_source.h"
#include "core/train/options.h"

namespace prumux::runtime {

using train::Precision;

struct EngineOptions {
  std::int64_t groups_per_batch = 32;
  Precision precision = Precision::float32;
  bool isolate = false;
  /// Pads every batch to this length; absent: to its longest row. A model that attends to padding
  /// is padded to `attended_length` when this is absent, as its results depend on it.
  std::optional<std::size_t> pad_length;
  std::size_t attended_length = 128;
};

/// Classifies rows as fast as the model allows: no gradients, groups of similar lengths, only the
/// position that the head reads is separated. Switches the model to evaluation mode for each call
/// and back afterwards. One thread at a time.
class Engine {
 public:
  Engine(std::shared_ptr<model::Model> model, const EngineOptions& options);

  /// Logits [rows, num_labels] float32, in the order of the source.
  at::Tensor logits(const RowSource& rows) const;

  /// Logits of one batch as it is.
  at::Tensor logits(const text::Batch& batch) const;

  const model::Model& model() const { return *model_; }
  const EngineOptions& options() const { return options_; }

 private:
  std::shared_ptr<model::Model> model_;
  EngineOptions options_;
};

}  // namespace prumux::runtime
