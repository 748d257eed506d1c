// Time of one optimiser step at MiniLM's shape; training_step.py measures PyTorch's eager mode.

#include <CLI/CLI.hpp>

#include <cstdint>
#include <iostream>
#include <memory>
#include <string>

#include "core/model/model.h"
#include "core/train/task_objective.h"
#include "timed_steps.h"

namespace prumux {
namespace {

std::shared_ptr<model::Model> minilm() {
  model::ModelConfig config;
  config.encoder.hidden_size = 384;
  config.encoder.embedding_size = 384;
  config.encoder.num_hidden_layers = 6;
  config.encoder.num_attention_heads = 12;
  config.encoder.intermediate_size = 1536;
  return std::make_shared<model::Model>(config);
}

int run(int argc, char** argv) {
  CLI::App app{"Times optimiser steps of a BERT of MiniLM's shape, batch 64, length 32."};
  std::string precision_name = "float32";
  std::int64_t steps = 15;
  app.add_option("--precision", precision_name)->check(CLI::IsMember({"float32", "bfloat16"}));
  app.add_option("--steps", steps, "timed steps, after 3 of warm-up")->check(CLI::Range(1, 100000));
  CLI11_PARSE(app, argc, argv);

  const auto precision =
      precision_name == "bfloat16" ? train::Precision::bfloat16 : train::Precision::float32;
  const auto model = minilm();
  Timed<train::TaskObjective> objective(model, precision);
  RandomRows rows(model->config().encoder.vocab_size, 64, 32);
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
