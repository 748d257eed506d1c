#pragma once

#include <map>
#include <optional>
#include <string>

#include "prumux/compressor.h"
#include "prumux/current_structure.h"

namespace prumux::int8 {

/// Training with the weights of the encoder's linear layers rounded to int8, one symmetric scale a
/// row (Jacob et al. 2018, Krishnamoorthi 2018, with the straight-through estimator of Bengio et
/// al. 2013). The model holds the rounded weights at every moment, so that they are what is
/// evaluated, saved, and packed without loss by a runtime with int8 weights; the exact ones live
/// here.
///
/// It takes a model that is pruned already, and keeps every unit. Activations are for the runtime
/// to quantise, as they come.
class Int8Training : public Compressor {
 public:
  explicit Int8Training(const CompressorArguments& arguments);

  bool needs_teacher() const override { return distillation_weight_ > 0.0; }
  void attach(const ModelView& model, const CompressionSchedule& schedule) override;
  StructureMasks training_masks(std::int64_t step) override;
  StructureMasks evaluation_masks() override;
  at::Tensor loss(const TrainingStep& step) override;
  void after_step(std::int64_t step) override;

  /// "rounding_error": root mean square of what rounding changes, relative to the weights.
  std::map<std::string, double> metrics() override;

  /// Keeps everything that the model has.
  PrunePlan finish() override;

  TensorMap state() const override;
  void load_state(const TensorMap& state) override;

 private:
  struct Attached {
    CurrentStructure structure;
    NamedTensors weights;  ///< Of the model: rounded.
    NamedTensors exact;    ///< In the same order.
  };

  Attached& attached();
  const Attached& attached() const;

  double distillation_weight_;
  std::optional<Attached> attached_;
};

}  // namespace prumux::int8
