// Time of one step of CoFi's pruning stage, multiplexed teacher and student of BERT-base's shape;
// pruning_step.py measures the authors' code.

#include <ATen/ATen.h>
#include <CLI/CLI.hpp>

#include <cmath>
#include <cstdint>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/model/model.h"
#include "core/pipeline/stages/teachers.h"
#include "core/plugin/parameter_parser.h"
#include "core/plugin/registry.h"
#include "core/train/compression_objective.h"
#include "timed_steps.h"

namespace prumux {
namespace {

struct Shape {
  std::int64_t instances = 10;
  std::int64_t groups = 16;
  std::int64_t length = 64;
};

using Texts = std::vector<std::pair<std::string, std::string>>;

/// Parameters of a method, of which these are not the defaults.
Parameters parameters(PrumuxKind kind, const std::string& name, const Texts& texts) {
  const plugin::Method& method = plugin::Registry::instance().find(kind, name);
  return plugin::parse_parameters(*method.descriptor, texts);
}

std::shared_ptr<model::Model> bert_base(std::int64_t instances) {
  model::ModelConfig config;
  config.multiplexer.emplace();
  config.multiplexer->method = "datamux";
  config.multiplexer->num_instances = instances;
  config.multiplexer->parameters = parameters(PRUMUX_MULTIPLEXER, "datamux", {});
  return std::make_shared<model::Model>(config);
}

/// At the authors' learning rate, so that the masks hardly move in so few steps.
std::shared_ptr<Compressor> cofi(double sparsity) {
  const std::string target = std::to_string(sparsity);
  return plugin::Registry::instance().make_compressor(
      "cofi", {parameters(PRUMUX_COMPRESSOR, "cofi",
                          {{"target_sparsity", target}, {"learning_rate", "0.01"}})});
}

/// A pruning stage at its beginning, or where all but a share of heads and intermediate dimensions
/// have been removed; its teacher runs where the pipeline's teachers do.
class PruningStage : public train::CompressionObjective {
 public:
  PruningStage(const Shape& shape, double sparsity, train::Precision precision)
      : PruningStage(shape, sparsity, precision, bert_base(shape.instances)) {}

  void begin(const CompressionSchedule& schedule) override {
    CompressionObjective::begin(schedule);
    if (sparsity_ == 0.0) return;
    TensorMap state = this->state();
    for (const char* name : {"log_alpha.head", "log_alpha.intermediate"}) {
      at::Tensor& log_alpha = state.at(name);
      const auto kept = std::lround((1 - sparsity_) * static_cast<double>(log_alpha.size(1)));
      log_alpha = at::full_like(log_alpha, -std::log(1e2));
      log_alpha.narrow(1, 0, kept).fill_(std::log(1e2));
    }
    load_state(state);
  }

 private:
  PruningStage(const Shape& shape, double sparsity, train::Precision precision,
               const std::shared_ptr<model::Model>& teacher)
      : CompressionObjective(bert_base(shape.instances), cofi(sparsity), teacher, precision),
        sparsity_(sparsity) {
    leave_out_zero_masks();
    set_teacher_forward(pipeline::teacher_forward(teacher, precision));
  }

  double sparsity_;
};

int run(int argc, char** argv) {
  CLI::App app{"Times optimiser steps of CoFi's pruning stage for a multiplexed BERT-base."};
  std::string precision_name = "float32";
  Shape shape;
  double sparsity = 0.0;
  std::int64_t steps = 7;
  app.add_option("--precision", precision_name)->check(CLI::IsMember({"float32", "bfloat16"}));
  app.add_option("--instances", shape.instances)->check(CLI::Range(2, 100));
  app.add_option("--groups", shape.groups, "of so many instances")->check(CLI::Range(1, 100000));
  app.add_option("--length", shape.length, "tokens")->check(CLI::Range(1, 512));
  app.add_option("--sparsity", sparsity, "reached so far")->check(CLI::Range(0.0, 0.99));
  app.add_option("--steps", steps, "timed steps, after 3 of warm-up")->check(CLI::Range(1, 100000));
  CLI11_PARSE(app, argc, argv);

  const auto precision =
      precision_name == "bfloat16" ? train::Precision::bfloat16 : train::Precision::float32;
  Timed<PruningStage> objective(shape, sparsity, precision);
  RandomRows rows(EncoderConfig{}.vocab_size, shape.groups * shape.instances, shape.length);
  print_step_times(objective, objective.ends(), rows, precision, steps);
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
