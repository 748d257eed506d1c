#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/model/model.h"
#include "core/train/objective.h"
#include "core/train/options.h"

namespace prumux::train {

/// The task's own loss: cross-entropy, or mean squared error for one label or float labels.
class TaskObjective : public Objective {
 public:
  TaskObjective(std::shared_ptr<model::Model> model, Precision precision);

  NamedTensors parameters() override;
  void set_training(bool training) override;
  at::Tensor loss(const text::Batch& batch, std::int64_t step) override;

 private:
  std::shared_ptr<model::Model> model_;
  Precision precision_;
};

/// Weights of the pretraining losses (spec section 5). A term of weight 0 is not computed.
struct PretrainingOptions {
  double retrieval_coefficient = 1.0;
  double masked_lm_coefficient = 0.0;
  double retrieval_percentage = 1.0;  ///< Share of the tokens, drawn per token, to be retrieved.
};

/// Token retrieval, masked language modelling, or both. For masked language modelling the batch's
/// labels are [R, L], -100 where no token is to be predicted.
class PretrainingObjective : public Objective {
 public:
  PretrainingObjective(std::shared_ptr<model::Model> model, const PretrainingOptions& options,
                       Precision precision);

  NamedTensors parameters() override;
  void set_training(bool training) override;
  at::Tensor loss(const text::Batch& batch, std::int64_t step) override;
  std::map<std::string, double> metrics() override;

 private:
  std::shared_ptr<model::Model> model_;
  PretrainingOptions options_;
  Precision precision_;
  std::map<std::string, double> metrics_;
};

/// Training under a compressor: its masks, its loss, its parameters, with a teacher when it wants
/// one. Errors of the compressor's own code become `PluginError`.
class CompressionObjective : public Objective {
 public:
  /// `teacher` may be null when the compressor needs none. Throws `ConfigError` when it is missing
  /// or does not fit the student.
  CompressionObjective(std::shared_ptr<model::Model> student,
                       std::shared_ptr<Compressor> compressor,
                       std::shared_ptr<model::Model> teacher, Precision precision);
  ~CompressionObjective() override;

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
  std::shared_ptr<model::Model> student_;
  std::shared_ptr<Compressor> compressor_;
  std::shared_ptr<model::Model> teacher_;
  Precision precision_;
  std::unique_ptr<ModelView> view_;
};

}  // namespace prumux::train
