#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "core/io/atomic_file.h"
#include "support.h"
#include "tests/support/program.h"

namespace prumux::model {
namespace {

namespace fs = std::filesystem;

using test::Outcome;
using test::run_line;

/// Runs `forward` on a golden case's inputs and returns what it wrote.
TensorMap forward(const fs::path& model, const std::string& name, const std::string& options,
                  const fs::path& folder) {
  const Outcome outcome =
      run_line("forward " + model.string() + " --inputs " +
                   (golden_folder(name) / "golden.safetensors").string() + " --outputs " +
                   (folder / "out.safetensors").string() + " " + options,
               folder);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
  EXPECT_TRUE(nlohmann::json::accept(outcome.output)) << outcome.output;
  return read_safetensors(folder / "out.safetensors");
}

TEST(ForwardCommand, WritesLogitsAndHiddenStates) {
  TemporaryFolder folder;
  const TensorMap expected = golden("seq_gh_indexpos_n2");
  const TensorMap written = forward(golden_folder("seq_gh_indexpos_n2") / "model",
                                    "seq_gh_indexpos_n2", "--hidden-states", folder.path());
  EXPECT_LT(distance(written.at("logits"), expected.at("logits")), kGoldenTolerance);
  EXPECT_LT(distance(written.at("hidden_states.3"), expected.at("hidden_states.3")),
            kGoldenTolerance);
  EXPECT_EQ(written.size(), 5U);
}

TEST(ForwardCommand, AppliesMasks) {
  TemporaryFolder folder;
  const TensorMap written = forward(
      golden_folder("prune_mux_n2") / "model", "prune_mux_n2",
      "--masks " + (golden_folder("prune_mux_n2") / "zs.safetensors").string(), folder.path());
  EXPECT_LT(distance(written.at("logits"), golden("prune_mux_n2").at("masked.logits")),
            kGoldenTolerance);
}

TEST(ForwardCommand, ComputesInBfloat16) {
  TemporaryFolder folder;
  const TensorMap written = forward(golden_folder("seq_gh_indexpos_n2") / "model",
                                    "seq_gh_indexpos_n2", "--dtype bfloat16", folder.path());
  const double difference =
      distance(written.at("logits"), golden("seq_gh_indexpos_n2").at("logits"));
  EXPECT_GT(difference, 1e-5);
  EXPECT_LT(difference, 0.05);
}

TEST(ForwardCommand, SaysThatTheInputsHaveNoIds) {
  TemporaryFolder folder;
  const fs::path inputs = folder.path() / "in.safetensors";
  write_safetensors(inputs, {{"labels", at::zeros({2}, at::kLong)}});
  const Outcome outcome =
      run_line("forward " + (golden_folder("enc_bert") / "model").string() + " --inputs " +
                   inputs.string() + " --outputs " + (folder.path() / "out").string(),
               folder.path());
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.errors,
            "error: '" + inputs.string() + "' has no tensor 'input_ids' [rows, L]\n");
  EXPECT_FALSE(fs::exists(folder.path() / "out"));
}

TEST(ForwardCommand, SaysThatMasksDoNotFit) {
  TemporaryFolder folder;
  const fs::path masks = folder.path() / "zs.safetensors";
  write_safetensors(masks, {{"head_z", at::ones({3, 5})}});
  const Outcome outcome =
      run_line("forward " + (golden_folder("prune_mux_n2") / "model").string() + " --inputs " +
                   (golden_folder("prune_mux_n2") / "golden.safetensors").string() + " --outputs " +
                   (folder.path() / "out").string() + " --masks " + masks.string(),
               folder.path());
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.errors, "error: '" + masks.string() +
                                "': mask 'head_z' has shape [3, 5], expected [3, 4] for this "
                                "encoder\n");
}

class ShrinkCommand : public testing::TestWithParam<std::string> {};

TEST_P(ShrinkCommand, KeepsTheMaskedModelsOutputs) {
  TemporaryFolder folder;
  const fs::path out = folder.path() / "small";
  const Outcome outcome = run_line(
      "shrink " + (golden_folder(GetParam()) / "model").string() + " --masks " +
          (golden_folder(GetParam()) / "zs.safetensors").string() + " --out " + out.string(),
      folder.path());
  ASSERT_EQ(outcome.exit_code, 0) << outcome.errors;
  const auto result = nlohmann::json::parse(outcome.output);
  EXPECT_LT(result["parameters_after"], result["parameters_before"]);
  EXPECT_GT(result["sparsity"], 0.0);
  const TensorMap written = forward(out, GetParam(), "", folder.path());
  EXPECT_LT(distance(written.at("logits"), golden(GetParam()).at("masked.logits")),
            kGoldenTolerance);
}

INSTANTIATE_TEST_SUITE_P(Golden, ShrinkCommand,
                         testing::Values("prune_mux_n2", "prune_cofi_plain",
                                         "prune_mux_n2_issue36_int", "prune_mux_n2_issue36_heads"));

/// Ones for the first `counts`[l] of n units in row l.
at::Tensor first_units(const std::vector<std::int64_t>& counts, std::int64_t n) {
  return at::arange(n).lt(at::tensor(counts).unsqueeze(1)).to(at::kFloat);
}

TEST(ShrinkCommand, MakesAPrunedModelSmallerStill) {
  TemporaryFolder folder;
  // It has 2, 0 (no block) and 4 heads, 34, 35 and 0 intermediate, 24 of 32 hidden dimensions.
  const fs::path pruned = golden_folder("prune_mux_n2") / "pruned";
  const fs::path masks = folder.path() / "more.safetensors";
  write_safetensors(masks, {{"head_z", first_units({1, 0, 3}, 4)},
                            {"intermediate_z", first_units({30, 35, 0}, 64)},
                            {"hidden_z", first_units({20}, 32)[0] * 0.75}});
  const TensorMap masked =
      forward(pruned, "prune_mux_n2", "--masks " + masks.string(), folder.path());
  const fs::path out = folder.path() / "smaller";
  const Outcome outcome = run_line(
      "shrink " + pruned.string() + " --masks " + masks.string() + " --out " + out.string(),
      folder.path());
  ASSERT_EQ(outcome.exit_code, 0) << outcome.errors;
  const TensorMap tensors = read_safetensors(out / "model.safetensors");
  EXPECT_EQ(tensors.at("bert.encoder.layer.0.attention.self.query.weight").sizes(),
            (std::vector<std::int64_t>{8, 20}));
  EXPECT_EQ(tensors.at("bert.encoder.layer.0.intermediate.dense.weight").sizes(),
            (std::vector<std::int64_t>{30, 20}));
  EXPECT_EQ(tensors.at("bert.encoder.layer.2.attention.self.query.weight").sizes(),
            (std::vector<std::int64_t>{24, 20}));
  const TensorMap small = forward(out, "prune_mux_n2", "", folder.path());
  EXPECT_LT(distance(small.at("logits"), masked.at("logits")), kPruningTolerance);
  EXPECT_GT(distance(small.at("logits"), golden("prune_mux_n2").at("pruned.logits")),
            kPruningTolerance);
}

TEST(ShrinkCommand, SaysThatAPrunedModelHasNotSoManyUnits) {
  TemporaryFolder folder;
  const fs::path pruned = golden_folder("prune_mux_n2") / "pruned";
  const Outcome outcome = run_line("shrink " + pruned.string() + " --masks " +
                                       (golden_folder("prune_mux_n2") / "zs.safetensors").string() +
                                       " --out " + (folder.path() / "out").string(),
                                   folder.path());
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.errors,
              testing::ContainsRegex("mask 'intermediate_z' keeps unit [0-9]+ of layer 0, but the "
                                     "pruned model has 34 there: masks count the units that the "
                                     "model has now, and the rest of a row is 0"));
  EXPECT_FALSE(fs::exists(folder.path() / "out"));
}

TEST(ShrinkCommand, RefusesToReplaceTheModelItself) {
  TemporaryFolder folder;
  const std::string model = (golden_folder("prune_mux_n2") / "model").string();
  const Outcome outcome =
      run_line("shrink " + model + " --masks " +
                   (golden_folder("prune_mux_n2") / "zs.safetensors").string() + " --out " + model,
               folder.path());
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(outcome.errors,
            "error: output folder '" + model + "' is the model itself; name another folder\n");
}

TEST(ConvertCommand, DeletesNothingThatIsNoModel) {
  TemporaryFolder folder;
  const fs::path outer = folder.path() / "outer";
  fs::create_directories(outer);
  fs::copy(golden_folder("enc_bert") / "model", outer / "checkpoint", fs::copy_options::recursive);
  fs::copy(golden_folder("enc_bert") / "model", outer, fs::copy_options::overwrite_existing);
  const std::string command = "convert " + (outer / "checkpoint").string() + " ";
  EXPECT_THAT(run_line(command + outer.string(), folder.path()).errors,
              testing::HasSubstr("holds the model '" + (outer / "checkpoint").string() + "'"));
  const fs::path project = folder.path() / "project";
  fs::create_directories(project);
  folder.write("project/config.json", "{}");
  folder.write("project/notes.txt", "mine");
  const Outcome outcome = run_line(command + project.string(), folder.path());
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.errors,
              testing::HasSubstr("exists and holds 'notes.txt', which is of no model"));
  EXPECT_TRUE(fs::exists(outer / "checkpoint" / "config.json"));
  EXPECT_TRUE(fs::exists(project / "notes.txt"));
  // A model may be replaced.
  const fs::path out = folder.path() / "out";
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(run_line(command + out.string(), folder.path()).exit_code, 0);
}

TEST(ConvertCommand, WhatItWritesForHuggingFaceHasTheReferencesNamesAndLoadsAgain) {
  TemporaryFolder folder;
  const fs::path out = folder.path() / "hf";
  const Outcome outcome =
      run_line("convert --to hf " + (golden_folder("seq_gh_indexpos_n2") / "model").string() + " " +
                   out.string(),
               folder.path());
  ASSERT_EQ(outcome.exit_code, 0) << outcome.errors;
  const TensorMap written = read_safetensors(out / "model.safetensors");
  for (const auto& [name, tensor] :
       read_safetensors(golden_folder("seq_gh_indexpos_n2") / "model" / "model.safetensors")) {
    if (name.ends_with("position_ids")) continue;
    ASSERT_TRUE(written.contains(name)) << name;
    EXPECT_TRUE(written.at(name).equal(tensor)) << name;
  }
  const auto config = nlohmann::json::parse(io::read_file(out / "config.json"));
  EXPECT_FALSE(config.contains("prumux"));
  EXPECT_EQ(config["muxing_variant"], "gaussian_hadamard");
  const TensorMap again = forward(out, "seq_gh_indexpos_n2", "", folder.path());
  EXPECT_LT(distance(again.at("logits"), golden("seq_gh_indexpos_n2").at("logits")),
            kGoldenTolerance);
}

TEST(ConvertCommand, KeepsForHuggingFaceThatPaddingIsMasked) {
  TemporaryFolder folder;
  const fs::path reference = golden_folder("seq_gh_indexpos_n2") / "model";
  ModelConfig config = ModelConfig::load(reference);
  config.multiplexer->padding = PaddingSemantics::masked;
  Model model(config);
  model.load_state(load_model(reference)->state());
  save_model(model, folder.path() / "masked");
  const fs::path out = folder.path() / "hf";
  const Outcome outcome = run_line("convert --to hf masked " + out.string(), folder.path());
  ASSERT_EQ(outcome.exit_code, 0) << outcome.errors;
  EXPECT_THAT(outcome.errors, testing::HasSubstr("attends to no padding, but the reference "
                                                 "projects always do"));
  const TensorMap before =
      forward(folder.path() / "masked", "seq_gh_indexpos_n2", "", folder.path());
  const TensorMap after = forward(out, "seq_gh_indexpos_n2", "", folder.path());
  EXPECT_TRUE(after.at("logits").equal(before.at("logits")));
}

TEST(ConvertCommand, ReferencePrunedCheckpointsKeepTheirOutputs) {
  for (const std::string format : {"prumux", "hf"}) {
    TemporaryFolder folder;
    const fs::path out = folder.path() / "converted";
    const Outcome outcome =
        run_line("convert --to " + format + " " +
                     (golden_folder("prune_mux_n2") / "pruned").string() + " " + out.string(),
                 folder.path());
    ASSERT_EQ(outcome.exit_code, 0) << outcome.errors;
    const TensorMap written = forward(out, "prune_mux_n2", "", folder.path());
    EXPECT_LT(distance(written.at("logits"), golden("prune_mux_n2").at("pruned.logits")),
              kGoldenTolerance);
  }
}

TEST(ConvertCommand, WritesOnnx) {
  TemporaryFolder folder;
  const fs::path out = folder.path() / "onnx";
  const Outcome outcome = run_line(
      "convert --to onnx " + (golden_folder("enc_bert") / "model").string() + " " + out.string(),
      folder.path());
  ASSERT_EQ(outcome.exit_code, 0) << outcome.errors;
  EXPECT_EQ(nlohmann::json::parse(outcome.output)["format"], "onnx");
  EXPECT_TRUE(fs::exists(out / "model.onnx"));
  EXPECT_TRUE(fs::exists(out / "config.json"));
}

}  // namespace
}  // namespace prumux::model
