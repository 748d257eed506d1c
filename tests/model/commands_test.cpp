#include <sys/wait.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "core/io/atomic_file.h"
#include "support.h"

namespace prumux::model {
namespace {

namespace fs = std::filesystem;

struct Outcome {
  int exit_code = -1;
  std::string output;  ///< stdout.
  std::string errors;  ///< stderr.
};

Outcome run(const std::string& arguments, const fs::path& folder) {
  const fs::path output = folder / "stdout";
  const fs::path errors = folder / "stderr";
  const std::string command = std::string(PRUMUX_BUILD_DIR) + "/bin/prumux " + arguments + " >" +
                              output.string() + " 2>" + errors.string();
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, io::read_file(output),
          io::read_file(errors)};
}

/// Runs `forward` on a golden case's inputs and returns what it wrote.
TensorMap forward(const fs::path& model, const std::string& name, const std::string& options,
                  const fs::path& folder) {
  const Outcome outcome =
      run("forward " + model.string() + " --inputs " +
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
      run("forward " + (golden_folder("enc_bert") / "model").string() + " --inputs " +
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
      run("forward " + (golden_folder("prune_mux_n2") / "model").string() + " --inputs " +
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
  const Outcome outcome =
      run("shrink " + (golden_folder(GetParam()) / "model").string() + " --masks " +
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

TEST(ShrinkCommand, RefusesToReplaceTheModelItself) {
  TemporaryFolder folder;
  const std::string model = (golden_folder("prune_mux_n2") / "model").string();
  const Outcome outcome =
      run("shrink " + model + " --masks " +
              (golden_folder("prune_mux_n2") / "zs.safetensors").string() + " --out " + model,
          folder.path());
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(outcome.errors,
            "error: output folder '" + model + "' is the model itself; name another folder\n");
}

TEST(ConvertCommand, WhatItWritesForHuggingFaceHasTheReferencesNamesAndLoadsAgain) {
  TemporaryFolder folder;
  const fs::path out = folder.path() / "hf";
  const Outcome outcome =
      run("convert --to hf " + (golden_folder("seq_gh_indexpos_n2") / "model").string() + " " +
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

TEST(ConvertCommand, ReferencePrunedCheckpointsKeepTheirOutputs) {
  for (const std::string format : {"prumux", "hf"}) {
    TemporaryFolder folder;
    const fs::path out = folder.path() / "converted";
    const Outcome outcome =
        run("convert --to " + format + " " + (golden_folder("prune_mux_n2") / "pruned").string() +
                " " + out.string(),
            folder.path());
    ASSERT_EQ(outcome.exit_code, 0) << outcome.errors;
    const TensorMap written = forward(out, "prune_mux_n2", "", folder.path());
    EXPECT_LT(distance(written.at("logits"), golden("prune_mux_n2").at("pruned.logits")),
              kGoldenTolerance);
  }
}

TEST(ConvertCommand, RefusesOnnx) {
  TemporaryFolder folder;
  const Outcome outcome =
      run("convert --to onnx " + (golden_folder("enc_bert") / "model").string() + " " +
              (folder.path() / "x").string(),
          folder.path());
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(outcome.errors, "error: convert writes 'prumux' and 'hf'; it cannot write 'onnx'\n");
}

}  // namespace
}  // namespace prumux::model
