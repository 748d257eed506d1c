// Four optimiser steps of muxed pruning with a teacher, against the reference's numbers.

#include <gtest/gtest.h>
#include <torch/types.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "cofi_compressor.h"
#include "core/io/atomic_file.h"
#include "core/model/model.h"
#include "core/model/safetensors.h"
#include "core/plugin/parameter_parser.h"
#include "core/plugin/registry.h"
#include "core/train/compression_objective.h"
#include "core/train/trainer.h"
#include "prumux/error.h"
#include "tests/train/toy.h"

namespace prumux::train {
namespace {

using nlohmann::json;
using testing::TemporaryFolder;

constexpr double kTolerance = 5e-5;
const std::string kFolder = PRUMUX_TEST_DATA "/golden/train_trace";

std::string micro_batch_name(std::int64_t number) {
  return "s" + std::to_string(number / 2) + ".m" + std::to_string(number % 2) + ".";
}

/// The trace's micro-batches, cut to their longest rows.
class TraceSource : public BatchSource {
 public:
  explicit TraceSource(const TensorMap& golden) : golden_(golden) {}
  std::int64_t batches_per_epoch() const override { return 8; }
  text::Batch batch(std::int64_t /*epoch*/, std::int64_t index) override {
    const std::string name = micro_batch_name(index);
    const at::Tensor mask = golden_.at(name + "attention_mask");
    const auto length = mask.sum(1).max().item<std::int64_t>();
    return {golden_.at(name + "input_ids").narrow(1, 0, length),
            mask.narrow(1, 0, length),
            {},
            golden_.at(name + "labels")};
  }

 private:
  const TensorMap& golden_;
};

/// Pruning with the noise and the initial log-alphas of the trace; compares after every step.
class TracedCompressor : public cofi::CofiCompressor {
 public:
  TracedCompressor(const CompressorArguments& arguments, const TensorMap& golden, const json& log)
      : CofiCompressor(arguments), golden_(golden), log_(log) {}

  void attach(const ModelView& model, const CompressionSchedule& schedule) override {
    CofiCompressor::attach(model, schedule);
    TensorMap initial = state();
    for (const char* unit : {"head", "intermediate", "hidden", "mlp", "head_layer"})
      initial.at(std::string("log_alpha.") + unit) = golden_.at(std::string("init.loga.") + unit);
    load_state(initial);
    parameters_ = model.parameters();
  }

  StructureMasks training_masks(std::int64_t step) override {
    const std::string prefix = micro_batch_name(micro_batch_++) + "eps.";
    return CofiCompressor::training_masks(
        step, {golden_.at(prefix + "head"), golden_.at(prefix + "intermediate"),
               golden_.at(prefix + "hidden"), golden_.at(prefix + "mlp"),
               golden_.at(prefix + "head_layer")});
  }

  at::Tensor loss(const TrainingStep& step) override {
    const at::Tensor loss = CofiCompressor::loss(step);
    const json& entry = log_.at(static_cast<std::size_t>(micro_batch_ - 1));
    // The reference logs the loss already divided by the two accumulated micro-batches.
    EXPECT_NEAR(loss.item<double>() / 2, entry.at("loss").get<double>(), kTolerance);
    return loss;
  }

  void after_step(std::int64_t step) override {
    CofiCompressor::after_step(step);
    TensorMap actual = state();
    for (const auto& [name, parameter] : parameters_) actual[name] = parameter.detach();
    const std::string prefix = "s" + std::to_string(step - 1) + ".after.";
    for (const auto& [name, expected] : golden_) {
      if (!name.starts_with(prefix)) continue;
      std::string ours = name.substr(prefix.size());
      if (ours.starts_with("loga.")) ours = "log_alpha." + ours.substr(5);
      ASSERT_TRUE(actual.contains(ours)) << ours;
      EXPECT_LT((actual.at(ours) - expected).abs().max().item<double>(), kTolerance) << name;
      ++compared_;
    }
  }

  int compared() const { return compared_; }

 private:
  const TensorMap& golden_;
  const json& log_;
  NamedTensors parameters_;
  std::int64_t micro_batch_ = 0;
  int compared_ = 0;
};

TEST(TrainTrace, EqualsTheReferenceForFourSteps) {
  const TensorMap golden = model::read_safetensors(kFolder + "/golden.safetensors");
  const json meta = json::parse(io::read_file(kFolder + "/meta.json"));
  const json& hyper = meta.at("hyper");
  const auto& method = plugin::Registry::instance().find(PRUMUX_COMPRESSOR, "cofi");
  const std::vector<std::pair<std::string, std::string>> settings = {
      {"target_sparsity", "0.5"},  {"warmup_steps", "3"},
      {"learning_rate", "0.01"},   {"alpha_layer", "0.9"},
      {"alpha_ce", "0.1"},         {"distill_version", "4"},
      {"distill_matching", "ref"}, {"transformation_weight_decay", "0.01"}};
  CompressorArguments arguments;
  arguments.parameters = plugin::parse_parameters(*method.descriptor, settings);
  const auto compressor = std::make_shared<TracedCompressor>(arguments, golden, meta.at("log"));
  CompressionObjective objective(model::load_model(kFolder + "/student_init"), compressor,
                                 model::load_model(kFolder + "/teacher"), Precision::float32);
  TraceSource source(golden);

  const TemporaryFolder folder;
  TrainingOptions options = testing::toy_options(folder.path());
  options.max_steps = hyper.at("total_steps").get<std::int64_t>();
  options.accumulation_steps = 2;
  options.optimizer.learning_rate = hyper.at("lr").get<double>();
  options.optimizer.weight_decay = hyper.at("weight_decay").get<double>();
  options.schedule.warmup_ratio = 0.0;
  options.log_every_steps = 1;
  int steps = 0;
  options.stop_requested = [&] { return ++steps == 4; };
  EXPECT_THROW(train(options, objective, source), Interrupted);

  EXPECT_EQ(compressor->compared(), 36) << "tensors of the trace";
  const auto records = testing::records_without_timing(folder.path());
  for (int step = 0; step < 4; ++step) {
    const json& expected = meta.at("log").at(static_cast<std::size_t>(2 * step + 1));
    EXPECT_NEAR(records.at(static_cast<std::size_t>(step)).at("gradient_norm").get<double>(),
                expected.at("grad_norm_before_clip").get<double>(), 5e-4);
  }
}

}  // namespace
}  // namespace prumux::train
