#pragma once

#include <map>
#include <optional>
#include <string>

#include "prumux/compressor.h"
#include "student_shape.h"

namespace prumux::student {

/// Distillation into a smaller student: its shape is fixed from the first step, its weights are the
/// teacher's at first (Sanh et al. 2019, DistilBERT), and it learns from the task, the teacher's
/// logits, and the teacher's hidden states after the layers that it has.
class Student : public Compressor {
 public:
  explicit Student(const CompressorArguments& arguments);

  bool needs_teacher() const override { return true; }
  bool needs_hidden_states() const override { return hidden_weight_ > 0.0; }

  /// Throws `DataError` when the model is physically pruned already.
  void attach(const ModelView& model, const CompressionSchedule& schedule) override;
  StructureMasks training_masks(std::int64_t step) override;
  StructureMasks evaluation_masks() override;
  at::Tensor loss(const TrainingStep& step) override;

  /// "sparsity": share of the blocks' parameters that the student lacks; "hidden_loss": the mean
  /// squared error of the hidden states in the last micro-batch.
  std::map<std::string, double> metrics() override;

  PrunePlan finish() override;
  TensorMap state() const override;

  /// A state of another target is that of another student: this one keeps its own masks.
  void load_state(const TensorMap& state) override;

 private:
  struct Attached {
    EncoderConfig encoder;
    StudentShape shape;
    StructureMasks masks;
    at::Tensor target;
    at::Tensor last_hidden_loss;

    NamedTensors tensors() const;
  };

  Attached& attached();
  const Attached& attached() const;
  std::optional<at::Tensor> hidden_loss(const TrainingStep& step) const;

  double target_sparsity_;
  std::int64_t layers_;
  double distillation_weight_;
  double hidden_weight_;
  std::optional<Attached> attached_;
};

}  // namespace prumux::student
