#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <vector>

#include "core/model/model.h"
#include "core/runtime/engine_options.h"
#include "core/runtime/grouping.h"
#include "core/runtime/network/network.h"
#include "core/runtime/network/sequence.h"
#include "core/runtime/network/workspace.h"
#include "core/runtime/row_source.h"
#include "core/text/batch.h"

namespace prumux::runtime {

/// What a model's forward pass in evaluation gives for a batch, as fast as `Engine`: logits and,
/// if they are asked for, the hidden states of every position, padding included. The weights are
/// the model's at construction. One thread at a time.
class TeacherPass {
 public:
  /// Whether the kernels can do all of a model: it classifies texts by its own head, and its
  /// multiplexer describes itself.
  static bool can_run(const model::Model& model);

  /// For a model that `can_run`. Of `options`, the precision, the threads and the instruction set
  /// count.
  TeacherPass(std::shared_ptr<const model::Model> model, const EngineOptions& options);

  /// As `Model::forward`, in float32. Throws `DataError` for tokens or lengths that the model has
  /// no embedding for.
  ForwardRecord operator()(const text::Batch& batch, bool hidden_states) const;

 private:
  /// A batch as the encoder reads it; each member points into those before it.
  struct Layout {
    EncodedRows rows;
    Grouping grouping{};
    std::vector<std::size_t> lengths{};  ///< Positions of the groups: equal with hidden states.
    std::vector<Sequence> sequences{};
  };

  Layout lay_out(const text::Batch& batch, bool hidden_states) const;
  at::Tensor logits(const std::vector<float>& states, std::size_t groups) const;

  std::shared_ptr<const model::Model> model_;  ///< Whose word embeddings the network reads.
  Network network_;
  kernels::InstructionSet instruction_set_;
  mutable std::vector<Workspace> workspaces_;  ///< One a thread.
};

}  // namespace prumux::runtime
