#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/dropout.h>
#include <torch/nn/modules/embedding.h>
#include <torch/nn/modules/linear.h>

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/train/batch_source.h"
#include "core/train/objective.h"
#include "core/train/options.h"
#include "core/train/trainer.h"
#include "tests/support/temporary_folder.h"

namespace prumux::train::testing {

using test::TemporaryFolder;

/// Rows of 6 token ids below 16; the label is 1 when the first id is at least 8.
class ToySource : public BatchSource {
 public:
  ToySource(std::int64_t batches, std::int64_t rows) : batches_(batches), rows_(rows) {}

  std::int64_t batches_per_epoch() const override { return batches_; }
  text::Batch batch(std::int64_t epoch, std::int64_t index) override;

 private:
  std::int64_t batches_;
  std::int64_t rows_;
};

/// A bag of embeddings with dropout and two linear layers, a frozen parameter, a buffer that counts
/// steps, and a Lagrange-like multiplier of its own that is trained by gradient ascent.
class ToyObjective : public Objective {
 public:
  explicit ToyObjective(double dropout = 0.2);

  NamedTensors parameters() override;
  void set_training(bool training) override { module_.train(training); }
  void begin(const CompressionSchedule& schedule) override;
  at::Tensor loss(const text::Batch& batch, std::int64_t step) override;
  bool trains(const std::string& name) const override { return name != "output.bias"; }
  std::vector<ParameterGroup> parameter_groups() override;
  void after_step(std::int64_t step) override;
  bool meets_target() override { return steps_done >= target_step; }
  std::map<std::string, double> metrics() override;
  TensorMap state() const override;
  void load_state(const TensorMap& state) override;

  double accuracy();

  CompressionSchedule schedule;
  std::int64_t steps_done = 0;
  std::int64_t target_step = 0;
  std::int64_t poisoned_step = -1;  ///< The loss of this step is NaN.

 private:
  at::Tensor logits(const text::Batch& batch);

  torch::nn::Module module_;
  torch::nn::Embedding embedding_;
  torch::nn::Dropout dropout_;
  torch::nn::Linear hidden_;
  torch::nn::Linear output_;
  at::Tensor steps_;
  at::Tensor multiplier_;
};

/// Options of a training without display: 4 epochs, evaluated at every epoch's end.
TrainingOptions toy_options(const std::filesystem::path& directory);

/// Scores a `ToyObjective` by its accuracy.
Evaluator toy_evaluator(ToyObjective& objective);

/// The records of metrics.jsonl without their timing.
std::vector<nlohmann::json> records_without_timing(const std::filesystem::path& directory);

/// Bits of all parameters and of the objective's state.
std::string bytes_of(ToyObjective& objective);

}  // namespace prumux::train::testing
