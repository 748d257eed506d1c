#include <nlohmann/json.hpp>

#include "fixtures.h"
#include "tests/support/program.h"

// What a plugin's author runs: inspect --json, check, new.

namespace prumux::plugin {
namespace {

using nlohmann::json;
using test::Outcome;
using testing::HasSubstr;

class PluginTools : public PluginFolderTest {
 protected:
  Outcome run(const std::string& arguments) { return test::run_line(arguments, folder()); }
  std::string path_option() const { return " --plugin-path " + folder().string(); }

  /// The JSON of `plugins check`, whatever its exit code.
  json check(const std::filesystem::path& file, const std::string& options = "") {
    outcome_ = run("plugins check --json " + file.string() + options);
    return json::parse(outcome_.output);
  }

  Outcome outcome_;
};

/// Why the check of `method` that begins with `name` failed; its outcome when it has no reason.
std::string reason(const json& report, const std::string& method, const std::string& name) {
  for (const auto& check : report["checks"]) {
    if (check["method"] == method && check["check"].get<std::string>().starts_with(name)) {
      const std::string reason = check["reason"];
      return reason.empty() ? check["outcome"].get<std::string>() : reason;
    }
  }
  return "there is no such check";
}

TEST_F(PluginTools, InspectGivesEverythingAsJson) {
  const auto good = add("good");
  const Outcome result = run("plugins inspect average --json" + path_option());
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  const auto method = json::parse(result.output)[0];
  EXPECT_EQ(method["kind"], "multiplexer");
  EXPECT_EQ(method["interface_version"], 2);
  EXPECT_EQ(method["license"], "MIT");
  EXPECT_EQ(method["file"], good.string());
  EXPECT_EQ(method["capabilities"], json({"needs_teacher"}));
  EXPECT_EQ(method["build"]["libtorch"], "2.11.0");
  EXPECT_EQ(method["build"]["differs_from_host"], json::array());
  EXPECT_EQ(method["parameters"][0], json({{"name", "style"},
                                           {"type", "string"},
                                           {"required", false},
                                           {"default", "plain"},
                                           {"choices", {"plain", "weighted"}},
                                           {"unit", ""},
                                           {"help", "how instances are averaged"}}));
}

TEST_F(PluginTools, InspectSaysInWhichFieldsARejectedFileDiffers) {
  const auto file = add("no_descriptor", "strange");
  patch_bytes(file, offsetof(PrumuxFingerprintV1, torch_version), std::string("2.10.0\0", 7));
  const Outcome result = run("plugins inspect --json strange" + path_option());
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  const auto rejection = json::parse(result.output);
  EXPECT_EQ(rejection["file"], file.string());
  EXPECT_THAT(rejection["reason"].get<std::string>(),
              testing::StartsWith("libtorch is 2.10.0 in the "));
  EXPECT_EQ(rejection["build"]["differs_from_host"][0],
            json({{"field", "libtorch"}, {"plugin", "2.10.0"}, {"host", "2.11.0"}}));
  EXPECT_THAT(run("plugins inspect strange" + path_option()).output,
              testing::StartsWith("strange (rejected)\n  file          " + file.string() +
                                  "\n  reason        libtorch is 2.10.0 in the plugin"));
}

TEST_F(PluginTools, InspectSaysWhatAnOlderPluginDiffersIn) {
  add("first_sdk");
  EXPECT_THAT(run("plugins inspect nearest" + path_option()).output,
              HasSubstr("\n  differs in    ABI minor version 0 (here 4)\n"));
}

TEST_F(PluginTools, APluginOfTheFirstSdkPassesEveryCheck) {
  const json report = check(add("first_sdk"));
  EXPECT_EQ(outcome_.exit_code, 0) << outcome_.output << outcome_.errors;
  EXPECT_EQ(report["passed"], true);
  EXPECT_EQ(reason(report, "scaled_mean", "masked model and shrunk model agree"), "passed");
  EXPECT_EQ(reason(report, "first_out", "masked model and shrunk model agree"), "passed");
  EXPECT_EQ(reason(report, "first_out", "it refuses the state"), "it has no state");
  EXPECT_EQ(reason(report, "nearest", "it is exact"), "passed");
}

TEST_F(PluginTools, CheckReportsCrashesHangsAndAllOtherMisbehaviour) {
  const json report = check(add("misbehaves"), " --limit 3");
  EXPECT_EQ(outcome_.exit_code, 1);
  EXPECT_THAT(outcome_.errors, HasSubstr("checks failed"));
  EXPECT_EQ(report["passed"], false);
  const char* save = "it loads what it saves";
  EXPECT_THAT(reason(report, "crashes", save),
              testing::StartsWith("it crashed: Segmentation fault"));
  EXPECT_THAT(reason(report, "exits", save),
              testing::StartsWith("it ended the process, with exit code 3"));
  EXPECT_EQ(reason(report, "hangs", save), "it did not end within 3 s");
  EXPECT_THAT(reason(report, "throws-numbers", save),
              HasSubstr("failed in save: an exception of an unknown type"));
  EXPECT_THAT(reason(report, "prints", "it refuses a foreign file"),
              HasSubstr("were printed to the standard output"));
  EXPECT_THAT(reason(report, "leaks", "it loses no memory"),
              HasSubstr("bytes behind that are never freed"));
  EXPECT_THAT(reason(report, "leaks", "it is exact"),
              HasSubstr("at the measured instances 1, sparsity 0 it predicts 0.5"));
  // What comes after a crash is checked all the same.
  EXPECT_EQ(reason(report, "crashes", "it refuses a foreign file"), "passed");
}

TEST_F(PluginTools, CheckSaysWhyALibraryCannotBeLoaded) {
  EXPECT_EQ(check(add("short_method"))["rejected"],
            "plugin 'short_method': a method: its PrumuxMethodV1 has 16 bytes, expected 80; its "
            "author has to correct it");
  EXPECT_EQ(outcome_.exit_code, 1);
  EXPECT_THAT(check(add("no_section"))["rejected"].get<std::string>(),
              testing::StartsWith("it is a library, but no plugin of prumux"));
  EXPECT_EQ(check(write("notes.so", "hello"))["rejected"], "it is not a shared library (ELF file)");
  EXPECT_EQ(check(folder() / "missing.so")["rejected"],
            "it cannot be read; check that it is a file and its permissions");
}

TEST_F(PluginTools, EveryPluginOfOursPassesEveryCheck) {
  const auto folder = std::filesystem::path(PRUMUX_BUILD_DIR) / "lib" / "prumux" / "plugins";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const json report = check(entry.path());
    EXPECT_EQ(outcome_.exit_code, 0) << outcome_.output;
    for (const auto& result : report["checks"]) {
      if (result["check"] != "masked model and shrunk model agree") continue;
      EXPECT_EQ(result["outcome"], "passed") << result;
    }
  }
}

TEST_F(PluginTools, NewRefusesUnknownKindsBadNamesAndFoldersWithFiles) {
  const std::string place = " " + (folder() / "new").string();
  Outcome result = run("plugins new compresor my_method" + place);
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.errors, HasSubstr("there is no template for 'compresor' - did you mean "
                                       "'compressor'?"));
  result = run("plugins new compressor My-Method" + place);
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.errors, HasSubstr("'My-Method' cannot be the name of a plugin - expected "
                                       "lower-case letters, digits and '_'"));
  result = run("plugins new compressor my_method " + folder().string());
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.errors, HasSubstr("is there already - expected a new or empty folder"));
}

TEST_F(PluginTools, HelpShowsAnExample) {
  EXPECT_THAT(run("plugins check --help").output, HasSubstr("\n  prumux plugins check "));
  EXPECT_THAT(run("plugins new --help").output, HasSubstr("\n  prumux plugins new "));
}

/// A pipeline with one compressor of the plugin that fails in training.
class FailingPipeline : public PluginTools {
 protected:
  std::string errors_of(const std::string& method) {
    add("fails_in_training");
    const std::string sample = std::string(PRUMUX_SOURCE_DIR) + "/configs/sample";
    const auto file = write(
        "p.yaml",
        "name: failing\ndata: {task: sst2, root: '" + sample +
            "', train: dev.tsv, max_length: 16}\nmodel: {vocabulary: '" + sample +
            "/vocab.txt', config: {hidden_size: 8, num_hidden_layers: 1, num_attention_heads: 2, "
            "intermediate_size: 8, max_position_embeddings: 16}}\n"
            "stages: [{stage: prune, id: small, steps: 6, evaluate_every: 6, compressor: "
            "{method: " +
            method + "}}]\n");
    const Outcome result = run("run " + file.string() + path_option() + " --out " +
                               (folder() / ("run-" + method)).string());
    EXPECT_EQ(result.exit_code, 1) << result.errors;
    return result.errors;
  }
};

TEST_F(FailingPipeline, NamesPluginVersionStageAndStep) {
  EXPECT_THAT(errors_of("fails-in-loss"),
              testing::ContainsRegex("stage 'small', step 3 of 6: compressor 'fails-in-loss' "
                                     "\\(plugin fails_in_training 0.4, .*\\) failed in loss: no "
                                     "luck"));
}

TEST_F(FailingPipeline, NamesTheStageWhereThereIsNoStep) {
  EXPECT_THAT(errors_of("fails-in-finish"),
              testing::ContainsRegex("stage 'small': compressor 'fails-in-finish' \\(plugin "
                                     "fails_in_training 0.4, .*\\) failed in finish: shapes "
                                     "differ"));
}

}  // namespace
}  // namespace prumux::plugin
