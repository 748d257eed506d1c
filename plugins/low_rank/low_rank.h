#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "prumux/compressor.h"
#include "prumux/current_structure.h"
#include "rank_budget.h"

namespace prumux::low_rank {

/// Lowers the ranks of an encoder's weights while it trains, and has the host make products of two
/// small matrices of them in the end. After every optimiser step each weight is projected onto the
/// matrices of its rank, so that the model computes at every moment what its product will. Takes
/// physically pruned models too.
class LowRank : public Compressor {
 public:
  explicit LowRank(const CompressorArguments& arguments);

  bool needs_teacher() const override { return distillation_weight_ > 0.0; }

  /// Throws `DataError` when the model is factorised already.
  void attach(const ModelView& model, const CompressionSchedule& schedule) override;
  StructureMasks training_masks(std::int64_t step) override;
  StructureMasks evaluation_masks() override;
  at::Tensor loss(const TrainingStep& step) override;
  void after_step(std::int64_t step) override;

  /// Whether every weight has the rank that it is to have.
  bool meets_target() override;

  /// Shares in [0, 1]: "sparsity" (as products of the present ranks), "target_sparsity" (the
  /// user's).
  std::map<std::string, double> metrics() override;

  /// Keeps every unit, and brings the weights to the target's ranks where they are not yet.
  PrunePlan finish() override;
  std::map<std::string, std::int64_t> ranks() override;
  TensorMap state() const override;
  void load_state(const TensorMap& state) override;

 private:
  /// A weight of the model, the rank that it has now, and the last one.
  struct Weight {
    std::string name;
    at::Tensor tensor;  ///< Shares storage with the model.
    WeightShape shape;
    std::int64_t target_rank = 0;
    at::Tensor rank;   ///< Of this moment.
    at::Tensor start;  ///< From which this run lowers it.
    at::Tensor basis;  ///< Undefined: full rank.

    bool is_full() const { return !basis.defined(); }
    void lower_to(std::int64_t new_rank);
  };

  struct Attached {
    CurrentStructure structure;
    double other_parameters = 0.0;  ///< Biases of the blocks, which stay.
    double dense_parameters = 0.0;  ///< Of the blocks of the dense architecture.
    std::int64_t warmup_steps = 0;
    std::vector<Weight> weights;
    at::Tensor step;    ///< Optimiser steps done.
    at::Tensor target;  ///< Sparsity to which this run goes.

    NamedTensors tensors() const;
  };

  Attached& attached();
  const Attached& attached() const;
  std::int64_t rank_at(const Weight& weight, std::int64_t step) const;

  double target_sparsity_;
  double warmup_share_;
  std::int64_t update_every_;
  double distillation_weight_;
  std::optional<Attached> attached_;
};

}  // namespace prumux::low_rank
