#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/model/model.h"
#include "core/runtime/grouping.h"
#include "core/runtime/kernels/instruction_set.h"
#include "core/runtime/network/network.h"
#include "core/runtime/network/workspace.h"
#include "core/runtime/precision.h"
#include "core/runtime/row_source.h"

namespace prumux::runtime {

struct EngineOptions {
  /// Groups of a batch: only the last batch may end with an incomplete group, which rows of that
  /// batch fill. A multiplexer that does not describe itself is called once a batch.
  std::int64_t groups_per_batch = 32;
  Precision precision = Precision::float32;
  bool isolate = false;
  std::int64_t ensemble = 1;  ///< Groups in which each row occurs; its result is their mean.
  /// A model that attends to padding is padded to so many tokens, as its results depend on it.
  std::size_t attended_length = 128;
  std::int64_t threads = 0;  ///< 0: as many as libtorch uses.
  kernels::InstructionSet instruction_set = kernels::best_instruction_set();
};

/// Classifies rows as fast as the machine allows, with kernels of its own and no libtorch: weights
/// packed once, groups of similar lengths, no work on padding, only the positions computed that the
/// head reads. The weights are the model's at construction. One thread at a time.
class Engine {
 public:
  /// Throws `ConfigError` for a model that classifies tokens.
  Engine(std::shared_ptr<model::Model> model, const EngineOptions& options);

  /// Logits [rows, num_labels] float32, in the order of the source. Throws `DataError` for tokens
  /// or lengths that the model has no embedding for, `NumericError` when a result is no number.
  at::Tensor logits(const RowSource& rows) const;

  const model::Model& model() const { return *model_; }
  const EngineOptions& options() const { return options_; }
  std::size_t threads() const { return workspaces_.size(); }

  /// Seconds of all threads in each part of the forward pass, since construction.
  std::vector<double> seconds_per_part() const;

 private:
  void run_groups(const Grouping& grouping, std::size_t first, std::size_t end,
                  const at::Tensor& mixed, float* logits) const;
  at::Tensor mix(const RowSource& rows, const Grouping& grouping, std::size_t first,
                 std::size_t end) const;
  at::Tensor separate(const std::vector<float>& states, std::size_t groups) const;

  std::shared_ptr<model::Model> model_;
  EngineOptions options_;
  Network network_;
  bool mixes_;
  mutable std::vector<Workspace> workspaces_;  ///< One a thread.
};

}  // namespace prumux::runtime
