#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/model/model.h"
#include "core/plugin/registry.h"
#include "core/train/adamw.h"
#include "core/train/compression_objective.h"
#include "core/train/options.h"
#include "prumux/tensors.h"

namespace prumux::conformance {

/// Training of the sample model under a compressor, as the host trains. Everything that is
/// random comes from libtorch's default generator.
class CompressorRun {
 public:
  static constexpr std::int64_t kSteps = 8;

  CompressorRun(const plugin::Method& method, std::uint64_t seed, train::Precision precision,
                std::int64_t total_steps = kSteps);

  /// One optimiser step on so many rows; the loss.
  double step(std::int64_t rows = 4, std::int64_t length = 8);
  void run_to_the_end();

  /// Everything that a restart has.
  struct Snapshot {
    std::int64_t steps = 0;
    TensorMap model;
    TensorMap compressor;
    TensorMap optimizer;
    at::Tensor random;
  };
  Snapshot snapshot() const;
  void restore(const Snapshot& snapshot);

  model::Model& model() { return *model_; }
  Compressor& compressor() { return *compressor_; }
  StructureMasks training_masks() { return compressor_->training_masks(steps_); }
  const std::vector<ParameterGroup>& groups() const { return groups_; }

 private:
  void make_optimizer();

  std::shared_ptr<model::Model> model_;
  std::shared_ptr<Compressor> compressor_;
  std::unique_ptr<train::CompressionObjective> objective_;
  std::vector<ParameterGroup> groups_;
  std::optional<train::AdamW> optimizer_;
  std::int64_t total_steps_;
  std::int64_t steps_ = 0;
};

}  // namespace prumux::conformance
