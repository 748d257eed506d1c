#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <memory>
#include <vector>

#include "core/model/model.h"
#include "core/runtime/engine_options.h"
#include "core/runtime/network/network.h"
#include "core/runtime/network/workspace.h"
#include "core/text/batch.h"

namespace prumux::runtime {

/// The last hidden states of a model of one instance, whatever head it has, as fast as `Engine`: of
/// the tokens alone, none of padding. The weights are the model's at construction. One thread at a
/// time.
class TokenStates {
 public:
  /// Of `options`, the precision, the threads and the instruction set count. Throws `ConfigError`
  /// for a multiplexed model.
  TokenStates(std::shared_ptr<const model::Model> model, const EngineOptions& options);

  /// d', the width of a hidden state.
  std::int64_t width() const { return static_cast<std::int64_t>(network_.width); }

  /// [T, d'] float32, row after row, for the T tokens of `batch` that are no padding, which is at
  /// the rows' ends. Throws `DataError` for tokens or lengths that the model has no embedding for.
  at::Tensor operator()(const text::Batch& batch) const;

 private:
  std::shared_ptr<const model::Model> model_;  ///< Whose word embeddings the network reads.
  Network network_;
  kernels::InstructionSet instruction_set_;
  mutable std::vector<Workspace> workspaces_;  ///< One a thread.
};

}  // namespace prumux::runtime
