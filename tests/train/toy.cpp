#include "tests/train/toy.h"

#include <limits>

#include "core/train/metrics_log.h"

namespace prumux::train::testing {
namespace fs = std::filesystem;

text::Batch ToySource::batch(std::int64_t epoch, std::int64_t index) {
  // A generator of its own: the default one belongs to the training.
  auto generator = at::make_generator<at::CPUGeneratorImpl>(
      static_cast<std::uint64_t>(1 + index + 1000 * epoch));
  text::Batch batch;
  batch.input_ids = at::randint(16, {rows_, 6}, generator, at::kLong);
  batch.attention_mask = at::ones_like(batch.input_ids);
  batch.labels = batch.input_ids.select(1, 0).ge(8).to(at::kLong);
  return batch;
}

ToyObjective::ToyObjective(double dropout)
    : embedding_(16, 8), dropout_(dropout), hidden_(48, 16), output_(16, 2) {
  module_.register_module("embedding", embedding_.ptr());
  module_.register_module("dropout", dropout_.ptr());
  module_.register_module("hidden", hidden_.ptr());
  module_.register_module("output", output_.ptr());
  steps_ = module_.register_buffer("steps", at::zeros({}, at::kLong));
  const at::NoGradGuard no_gradient;
  auto generator = at::make_generator<at::CPUGeneratorImpl>(std::uint64_t{7});
  for (at::Tensor& parameter : module_.parameters()) parameter.normal_(0.0, 0.3, generator);
}

NamedTensors ToyObjective::parameters() {
  NamedTensors result = {{"steps", steps_}};
  for (const auto& item : module_.named_parameters()) result.emplace_back(item.key(), item.value());
  return result;
}

void ToyObjective::begin(const CompressionSchedule& host_schedule) {
  schedule = host_schedule;
  multiplier_ = at::randn({1}).requires_grad_();
}

at::Tensor ToyObjective::logits(const text::Batch& batch) {
  const at::Tensor embedded = dropout_(embedding_(batch.input_ids).flatten(1));
  return output_(torch::relu(hidden_(embedded)));
}

at::Tensor ToyObjective::loss(const text::Batch& batch, std::int64_t step) {
  at::Tensor loss = at::cross_entropy_loss(logits(batch), batch.labels);
  if (step == poisoned_step) loss = loss * std::numeric_limits<double>::quiet_NaN();
  if (!multiplier_.defined()) return loss;
  return loss + 0.01 * multiplier_.sum() * output_->weight.pow(2).mean();
}

std::vector<ParameterGroup> ToyObjective::parameter_groups() {
  ParameterGroup group;
  group.name = "multipliers";
  group.parameters = {{"multiplier", multiplier_}};
  group.learning_rate = 0.05;
  group.maximize = true;
  return {group};
}

void ToyObjective::after_step(std::int64_t step) {
  steps_done = step;
  steps_.add_(1);
  const at::NoGradGuard no_gradient;
  multiplier_.clamp_(-3.0, 3.0);
}

std::map<std::string, double> ToyObjective::metrics() {
  return {{"multiplier", multiplier_.item<double>()}};
}

TensorMap ToyObjective::state() const {
  return {{"multiplier", multiplier_.detach()}, {"steps_done", at::tensor(steps_done, at::kLong)}};
}

void ToyObjective::load_state(const TensorMap& state) {
  multiplier_ = state.at("multiplier").clone().requires_grad_();
  steps_done = state.at("steps_done").item<std::int64_t>();
}

double ToyObjective::accuracy() {
  const text::Batch batch = ToySource(1, 512).batch(999, 0);
  return logits(batch).argmax(1).eq(batch.labels).to(at::kDouble).mean().item<double>();
}

TrainingOptions toy_options(const fs::path& directory) {
  TrainingOptions options;
  options.name = "toy";
  options.directory = directory;
  options.fingerprint = "toy-1";
  options.epochs = 4;
  options.optimizer.learning_rate = 0.02;
  options.optimizer.weight_decay = 0.01;
  options.schedule.warmup_ratio = 0.1;
  options.log_every_steps = 3;
  options.checkpoint.every_minutes = 0;
  options.progress = false;
  return options;
}

Evaluator toy_evaluator(ToyObjective& objective) {
  return [&objective] {
    const double accuracy = objective.accuracy();
    at::rand({3});  // must not reach the training
    return Evaluation{accuracy, {{"accuracy", accuracy}}};
  };
}

std::vector<nlohmann::json> records_without_timing(const fs::path& directory) {
  auto records = MetricsLog::read(directory / "metrics.jsonl");
  for (nlohmann::json& record : records) record.erase("timing");
  return records;
}

std::string bytes_of(ToyObjective& objective) {
  std::string bytes;
  const auto append = [&](const at::Tensor& tensor) {
    const at::Tensor values = tensor.detach().contiguous();
    bytes.append(static_cast<const char*>(values.const_data_ptr()), values.nbytes());
  };
  for (const auto& [name, tensor] : objective.parameters()) append(tensor);
  for (const auto& [name, tensor] : objective.state()) append(tensor);
  return bytes;
}

}  // namespace prumux::train::testing
