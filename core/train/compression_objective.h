#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/model/model.h"
#include "core/train/objective.h"
#include "core/train/options.h"

namespace prumux::train {

/// What a teacher gives for a batch, in float32; the hidden states only if they are asked for.
using TeacherForward = std::function<ForwardRecord(const text::Batch& batch, bool hidden_states)>;

/// Trains under a compressor: with its masks, on its loss, its parameters beside the model's, and
/// a teacher when it wants one. What the compressor's own code throws becomes `PluginError`.
class CompressionObjective : public Objective {
 public:
  /// The compressor is attached when training begins. `teacher` is dense, stays as it is, and is
  /// needed only if the compressor says so. Throws `ConfigError` when it is missing or has another
  /// number of labels than the student.
  CompressionObjective(std::shared_ptr<model::Model> student,
                       std::shared_ptr<Compressor> compressor,
                       std::shared_ptr<model::Model> teacher, Precision precision);
  ~CompressionObjective() override;

  /// For a compressor with `PRUMUX_ZERO_MASKS_ARE_CONSTANT`.
  void leave_out_zero_masks() { zero_masks_are_constant_ = true; }

  /// Another way to the outputs of the teacher, which is otherwise run on libtorch.
  void set_teacher_forward(TeacherForward forward) { teacher_forward_ = std::move(forward); }

  /// The state of the compressor from which it goes on, once it is attached.
  void continue_from(TensorMap state) { start_state_ = std::move(state); }

  NamedTensors parameters() override;
  void set_training(bool training) override;
  void begin(const CompressionSchedule& schedule) override;
  at::Tensor loss(const text::Batch& batch, std::int64_t step) override;
  bool trains(const std::string& name) const override;
  std::vector<ParameterGroup> parameter_groups() override;
  void after_step(std::int64_t step) override;
  bool meets_target() override;
  std::map<std::string, double> metrics() override;
  TensorMap state() const override;
  void load_state(const TensorMap& state) override;

 private:
  ForwardRecord forward(model::Model& model, const text::Batch& batch,
                        const StructureMasks* masks) const;

  std::shared_ptr<model::Model> student_;
  std::shared_ptr<Compressor> compressor_;
  std::shared_ptr<model::Model> teacher_;
  TeacherForward teacher_forward_;
  Precision precision_;
  std::unique_ptr<ModelView> view_;
  std::optional<TensorMap> start_state_;
  bool zero_masks_are_constant_ = false;
};

}  // namespace prumux::train
