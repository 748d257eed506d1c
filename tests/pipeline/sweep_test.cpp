#include <nlohmann/json.hpp>

#include "core/pipeline/engine.h"
#include "core/pipeline/stages/catalogue.h"
#include "prumux/error.h"
#include "tiny_pipeline.h"

namespace prumux::pipeline {
namespace {

namespace fs = std::filesystem;

/// The tiny pipeline with one pruning run over three targets, for one instance.
class SweepStagesTest : public TinyPipelineTest {
 protected:
  Plan plan(std::vector<std::string> overrides = {}) const {
    for (const char* text : {"grid.instances.values=[1]", "grid.sparsity.values=[0.2, 0.5, 0.7]",
                             "stages.prune.sweep=sparsity", "stages.prune.sweep_steps=7"}) {
      overrides.insert(overrides.begin(), text);
    }
    return make_plan(load_definition(file_, overrides, *table_), *table_);
  }

  Summary run_in(const std::string& folder, const RunOptions& options = {},
                 const std::vector<std::string>& overrides = {}) const {
    return run(plan(overrides), RunFolder(root_ / folder), options);
  }

  static nlohmann::json numbers_of(const CellSummary& cell, const std::string& id) {
    for (const StageResult& stage : cell.stages) {
      if (stage.id == id) return stage.numbers;
    }
    return {};
  }

  /// Contents of what the prune stages leave.
  std::map<std::string, std::string> models_in(const std::string& folder) const {
    std::map<std::string, std::string> contents;
    for (const auto& entry : fs::recursive_directory_iterator(root_ / folder / "stages")) {
      if (entry.path().extension() != ".safetensors") continue;
      contents[entry.path().lexically_relative(root_ / folder)] = io::read_file(entry.path());
    }
    return contents;
  }

  std::unique_ptr<const StageTable> table_ = make_stage_table();
};

TEST_F(SweepStagesTest, LeaveAModelForEachTargetOfOneRun) {
  const Summary summary = run_in("run");
  ASSERT_EQ(summary.cells.size(), 3U);
  const double targets[] = {0.2, 0.5, 0.7};
  for (std::size_t cell = 0; cell < 3; ++cell) {
    const nlohmann::json numbers = numbers_of(summary.cells[cell], "prune");
    EXPECT_EQ(numbers.at("steps"), cell == 0 ? 12 : 7);
    EXPECT_NEAR(numbers.at("sparsity").get<double>(), targets[cell], 0.05);
    EXPECT_TRUE(summary.cells[cell].number("accuracy"));
  }
  const nlohmann::json compressor = numbers_of(summary.cells[2], "prune").at("compressor");
  EXPECT_EQ(compressor.at("target_sparsity"), 0.7);
}

TEST_F(SweepStagesTest, GoOnFromTheLowerTargetsMasksAndWeights) {
  run_in("run");
  for (const auto& stage : plan().stages) {
    const RunFolder folder(root_ / "run");
    if (stage->id != "prune") continue;
    EXPECT_TRUE(fs::exists(folder.of(*stage) / "continuation/compressor.safetensors"));
    EXPECT_TRUE(fs::exists(folder.of(*stage) / "continuation/model/model.safetensors"));
  }
  // Without what it goes on from, the last target needs the lower one once more.
  const Plan again = plan();
  const PlannedStage* lower = again.cells[1][1];
  ASSERT_EQ(lower->id, "prune");
  fs::remove_all(RunFolder(root_ / "run").of(*lower) / "continuation");
  fs::remove_all(RunFolder(root_ / "run").of(*again.cells[2][1]));
  run_in("run");
  EXPECT_TRUE(fs::exists(RunFolder(root_ / "run").of(*lower) / "continuation/model"));
}

TEST_F(SweepStagesTest, EndWithTheSameBytesAfterInterruptions) {
  run_in("undisturbed");
  int interruptions = 0;
  for (int attempt = 0; attempt < 100; ++attempt) {
    RunOptions options;
    int questions = 0;
    options.stop_requested = [&] { return ++questions > 6 + 3 * attempt; };
    try {
      run_in("disturbed", options);
      break;
    } catch (const Interrupted&) {
      ++interruptions;
    }
  }
  EXPECT_GT(interruptions, 3);
  EXPECT_EQ(models_in("disturbed"), models_in("undisturbed"));
  EXPECT_FALSE(models_in("undisturbed").empty());
}

TEST_F(SweepStagesTest, ComputeOnlyWhatAChangeReaches) {
  const auto keys = [this](const std::vector<std::string>& overrides) {
    std::vector<std::string> result;
    for (const auto& cell : plan(overrides).cells) result.push_back(cell[1]->key);
    return result;
  };
  const std::vector<std::string> base = keys({});
  const std::vector<std::string> other_steps = keys({"stages.prune.sweep_steps=8"});
  EXPECT_EQ(other_steps[0], base[0]);
  EXPECT_NE(other_steps[1], base[1]);
  const std::vector<std::string> other_rate = keys({"stages.prune.learning_rate=0.1"});
  for (std::size_t cell = 0; cell < 3; ++cell) EXPECT_NE(other_rate[cell], base[cell]);
}

}  // namespace
}  // namespace prumux::pipeline
