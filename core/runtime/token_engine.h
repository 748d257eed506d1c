#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <vector>

#include "core/model/model.h"
#include "core/runtime/engine_options.h"
#include "core/runtime/row_source.h"

namespace prumux::runtime {

/// Classifies the tokens of rows, on libtorch: a multiplexed model separates every position. Groups
/// of similar lengths, as in `Engine`. One thread at a time.
class TokenEngine {
 public:
  /// Throws `ConfigError` for a model that does not classify tokens, and for a number format that
  /// libtorch has not.
  TokenEngine(std::shared_ptr<model::Model> model, const EngineOptions& options);

  /// Of each row in the order of the source, logits [its length, num_labels] float32. Throws
  /// `NumericError` when one is no number. `grouping` as in `ScheduleOptions`.
  std::vector<at::Tensor> logits(const RowSource& rows, std::int64_t grouping = 0) const;

  const model::Model& model() const { return *model_; }

 private:
  std::shared_ptr<model::Model> model_;
  EngineOptions options_;
};

}  // namespace prumux::runtime
