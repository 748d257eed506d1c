#include "timed_steps.h"

#include <ATen/Parallel.h>
#include <torch/types.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "core/train/trainer.h"

namespace prumux {
namespace {

constexpr std::int64_t kWarmup = 3;

/// Milliseconds of the steps after the warm-up, ascending.
std::vector<double> sorted_times(const StepEnds& ends) {
  std::vector<double> times;
  for (std::size_t i = kWarmup; i < ends.size(); ++i)
    times.push_back(std::chrono::duration<double, std::milli>(ends[i] - ends[i - 1]).count());
  std::sort(times.begin(), times.end());
  return times;
}

}  // namespace

RandomRows::RandomRows(std::int64_t vocab_size, std::int64_t rows, std::int64_t length) {
  batch_.input_ids = at::randint(1000, vocab_size, {rows, length}, at::kLong);
  batch_.attention_mask = at::ones_like(batch_.input_ids);
  batch_.token_type_ids = at::zeros_like(batch_.input_ids);
  batch_.labels = at::randint(2, {rows}, at::kLong);
}

void print_step_times(train::Objective& objective, const StepEnds& ends, train::BatchSource& source,
                      train::Precision precision, std::int64_t steps) {
  const auto folder = std::filesystem::temp_directory_path() / "prumux-bench-training-step";
  std::filesystem::remove_all(folder);
  train::TrainingOptions options;
  options.directory = folder;
  options.max_steps = kWarmup + steps;
  options.precision = precision;
  options.progress = false;
  options.checkpoint.every_minutes = 0;
  train::train(options, objective, source);
  std::filesystem::remove_all(folder);

  const std::vector<double> times = sorted_times(ends);
  const nlohmann::json result = {
      {"engine", "prumux"},
      {"precision", precision == train::Precision::bfloat16 ? "bfloat16" : "float32"},
      {"threads", at::get_num_threads()},
      {"step_milliseconds",
       {{"min", times.front()}, {"median", times[times.size() / 2]}, {"max", times.back()}}}};
  std::cout << result.dump() << '\n';
}

}  // namespace prumux
