#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "distillation.h"
#include "prumux/compressor.h"
#include "prumux/current_structure.h"

namespace prumux::cofi {

/// Distillation without pruning: the final fine-tuning after CoFi, on the physically pruned model,
/// or the training of a smaller student. Keeps every unit.
class DistillationCompressor : public Compressor {
 public:
  explicit DistillationCompressor(const CompressorArguments& arguments);

  bool needs_teacher() const override { return true; }
  bool needs_hidden_states() const override { return options_.alpha_layer > 0.0; }
  void attach(const ModelView& model, const CompressionSchedule& schedule) override;
  StructureMasks training_masks(std::int64_t step) override;
  StructureMasks evaluation_masks() override;
  at::Tensor loss(const TrainingStep& step) override;
  std::vector<ParameterGroup> parameter_groups() override;

  /// As `CofiCompressor::trains`.
  bool trains(const std::string& name) const override;

  std::map<std::string, double> metrics() override;

  /// Keeps everything that the model has.
  PrunePlan finish() override;

  TensorMap state() const override;
  void load_state(const TensorMap& state) override;

 private:
  struct Attached {
    CurrentStructure structure;
    Distillation distillation;
  };

  Attached& attached();
  const Attached& attached() const;

  DistillationOptions options_;
  bool freeze_embeddings_;
  std::optional<Attached> attached_;
};

}  // namespace prumux::cofi
