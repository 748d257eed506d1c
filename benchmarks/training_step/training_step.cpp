// Time of one optimiser step at MiniLM's shape; training_step.py measures PyTorch's eager mode.

#include <ATen/Parallel.h>
#include <torch/types.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/model/model.h"
#include "core/train/task_objective.h"
#include "core/train/trainer.h"
#include "prumux/error.h"

namespace prumux {
namespace {

constexpr std::int64_t kRows = 64;
constexpr std::int64_t kLength = 32;

std::shared_ptr<model::Model> minilm() {
  model::ModelConfig config;
  config.encoder.hidden_size = 384;
  config.encoder.embedding_size = 384;
  config.encoder.num_hidden_layers = 6;
  config.encoder.num_attention_heads = 12;
  config.encoder.intermediate_size = 1536;
  return std::make_shared<model::Model>(config);
}

/// The same random rows again and again.
class RandomRows : public train::BatchSource {
 public:
  explicit RandomRows(std::int64_t vocab_size) {
    batch_.input_ids = at::randint(1000, vocab_size, {kRows, kLength}, at::kLong);
    batch_.attention_mask = at::ones_like(batch_.input_ids);
    batch_.token_type_ids = at::zeros_like(batch_.input_ids);
    batch_.labels = at::randint(2, {kRows}, at::kLong);
  }
  std::int64_t batches_per_epoch() const override { return 1000000; }
  text::Batch batch(std::int64_t, std::int64_t) override { return batch_; }

 private:
  text::Batch batch_;
};

/// Notes when each step ends.
class TimedObjective : public train::TaskObjective {
 public:
  using TaskObjective::TaskObjective;
  void after_step(std::int64_t /*step*/) override {
    ends_.push_back(std::chrono::steady_clock::now());
  }
  /// Milliseconds of the steps after the first `warmup`, ascending.
  std::vector<double> sorted_times(std::size_t warmup) const {
    std::vector<double> times;
    for (std::size_t i = warmup; i < ends_.size(); ++i)
      times.push_back(std::chrono::duration<double, std::milli>(ends_[i] - ends_[i - 1]).count());
    std::sort(times.begin(), times.end());
    return times;
  }

 private:
  std::vector<std::chrono::steady_clock::time_point> ends_;
};

int run(int argc, char** argv) {
  CLI::App app{"Times optimiser steps of a BERT of MiniLM's shape, batch 64, length 32."};
  std::string precision = "float32";
  std::int64_t steps = 15;
  app.add_option("--precision", precision)->check(CLI::IsMember({"float32", "bfloat16"}));
  app.add_option("--steps", steps, "timed steps, after 3 of warm-up")->check(CLI::Range(1, 100000));
  CLI11_PARSE(app, argc, argv);

  constexpr std::size_t kWarmup = 3;
  const auto folder = std::filesystem::temp_directory_path() / "prumux-bench-training-step";
  std::filesystem::remove_all(folder);
  train::TrainingOptions options;
  options.directory = folder;
  options.max_steps = steps + static_cast<std::int64_t>(kWarmup);
  options.precision =
      precision == "bfloat16" ? train::Precision::bfloat16 : train::Precision::float32;
  options.progress = false;
  options.checkpoint.every_minutes = 0;
  const auto model = minilm();
  TimedObjective objective(model, options.precision);
  RandomRows source(model->config().encoder.vocab_size);
  train::train(options, objective, source);
  std::filesystem::remove_all(folder);

  const std::vector<double> times = objective.sorted_times(kWarmup);
  const nlohmann::json result = {
      {"engine", "prumux"},
      {"precision", precision},
      {"threads", at::get_num_threads()},
      {"step_milliseconds",
       {{"min", times.front()}, {"median", times[times.size() / 2]}, {"max", times.back()}}}};
  std::cout << result.dump() << '\n';
  return 0;
}

}  // namespace
}  // namespace prumux

int main(int argc, char** argv) {
  try {
    return prumux::run(argc, argv);
  } catch (const std::exception& problem) {
    std::cerr << "error: " << problem.what() << '\n';
    return 1;
  }
}
