#include "core/config/overrides.h"

#include <filesystem>

#include "helpers.h"

namespace prumux::config {
namespace {

const char* const kPipeline =
    "model: {from: a}\n"
    "stages:\n"
    "  - {stage: finetune}\n"
    "  - {stage: finetune, id: final, params: {rate: 1}}\n";

TEST(Overrides, SetMapsAndListEntriesByIdStageOrNumber) {
  Value root = parse(kPipeline);
  apply_override(root, "model.from=b");
  apply_override(root, "stages.final.params.rate=2");
  apply_override(root, "stages.finetune.steps=[1, 2]");
  apply_override(root, "stages.1.params.other=3");
  EXPECT_EQ(find_at(root, "model.from")->text, "b");
  EXPECT_EQ(find_at(root, "stages.final.params.rate")->text, "2");
  EXPECT_EQ(find_at(root, "stages.finetune.steps")->integers(), (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(find_at(root, "stages.final.params.other")->text, "3");
}

TEST(Overrides, RememberTheCommandLineAndStartPathsAtTheWorkingFolder) {
  Value root = parse(kPipeline);
  apply_override(root, "model.from=here/x");
  const Value& from = *find_at(root, "model.from");
  EXPECT_EQ(from.place.text(), "--set model.from=here/x");
  EXPECT_EQ(from.path(), std::filesystem::current_path() / "here/x");
}

TEST(Overrides, AnEmptyValueRemoves) {
  Value root = parse(kPipeline);
  apply_override(root, "model.from=");
  EXPECT_TRUE(find_at(root, "model.from")->is_null());
}

TEST(Overrides, ExplainWhatIsWrong) {
  Value root = parse(kPipeline);
  EXPECT_EQ(error_of([&] { apply_override(root, "model"); }),
            "--set model: no '=' - expected a path and a value, such as --set "
            "stages.finetune.learning_rate=2e-5");
  EXPECT_EQ(error_of([&] { apply_override(root, "stages.finale.steps=1"); }),
            "--set stages.finale.steps=1: no entry 'finale' in 'stages' - did you mean 'final'?");
  EXPECT_EQ(error_of([&] { apply_override(root, "model.from.x=1"); }),
            "--set model.from.x=1: 'model.from' is the value 'a' (p.yaml:1:15) - expected a map to "
            "set 'x' in");
  EXPECT_THAT(error_of([&] { apply_override(root, "model..x=1"); }),
              testing::HasSubstr("expected names joined by points"));
  EXPECT_THAT(error_of([&] { apply_override(root, "model.from=[1"); }),
              testing::StartsWith("--set model.from=[1: not valid YAML"));
}

}  // namespace
}  // namespace prumux::config
