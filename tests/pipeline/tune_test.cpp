// Searches over a grid whose accuracy and throughput are known functions.

#include "core/pipeline/stages/tune.h"

#include <gmock/gmock.h>

#include <cmath>
#include <set>

#include "core/config/scalar.h"
#include "core/pipeline/engine.h"
#include "core/pipeline/stages/cell_search.h"
#include "core/pipeline/stages/predict.h"
#include "fake_stages.h"

namespace prumux::pipeline {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Twelve cells. Sparsity costs little until 0.9, instances 2 points each.
constexpr const char* kGrid =
    "name: g\n"
    "grid:\n"
    "  instances: {set: multiplexer.instances, values: [1, 2, 5]}\n"
    "  sparsity: {set: stages.cell.sparsity, values: [0, 0.6, 0.8, 0.95]}\n"
    "stages:\n"
    "  - {stage: teacher}\n"
    "  - {stage: surface, id: cell}\n"
    "  - {stage: tune, max_loss: 0.05}\n";

double accuracy_at(double instances, double sparsity) {
  return 0.92 - 0.02 * (instances - 1) - 0.02 * sparsity - (sparsity > 0.9 ? 0.1 : 0.0);
}

double throughput_at(double instances, double sparsity) {
  return 100.0 * std::pow(instances, 0.9) / (1.0 - sparsity);
}

class SurfaceStage : public StageKind {
 public:
  explicit SurfaceStage(std::vector<std::string>& runs) : runs_(runs) {}
  std::string name() const override { return "surface"; }
  std::string help() const override { return "a known function of the cell"; }
  std::vector<config::Field> fields() const override {
    return {{.name = "sparsity", .type = config::Type::real, .default_value = "0", .maximum = 1},
            {.name = "measures", .type = config::Type::boolean, .default_value = "true"}};
  }
  bool may_measure_throughput() const override { return true; }
  bool produces_model() const override { return true; }
  void plan(const StageRequest& request, Record& record, config::Problems&) const override {
    record.add("multiplexer", request.pipeline.at("multiplexer"));
  }
  nlohmann::json run(const StageJob& job) const override {
    runs_.push_back(job.cell);
    io::write_file_atomically(job.folder / "model" / "weights", job.cell);
    if (!job.settings.at("measures").boolean()) return nlohmann::json::object();
    const auto instances =
        static_cast<double>(job.pipeline.at("multiplexer").at("instances").integer());
    const double sparsity = job.settings.at("sparsity").real();
    return {{"accuracy", accuracy_at(instances, sparsity)},
            {"throughput", throughput_at(instances, sparsity)}};
  }

 private:
  std::vector<std::string>& runs_;
};

/// Shared by the cells of a number of instances; its numbers are none of theirs.
class TeacherStage : public StageKind {
 public:
  std::string name() const override { return "teacher"; }
  std::string help() const override { return "a model that every cell starts from"; }
  std::vector<config::Field> fields() const override { return {}; }
  bool produces_model() const override { return true; }
  void plan(const StageRequest& request, Record& record, config::Problems&) const override {
    record.add("multiplexer", request.pipeline.at("multiplexer"));
  }
  nlohmann::json run(const StageJob& job) const override {
    io::write_file_atomically(job.folder / "model" / "weights", "teacher");
    return {{"accuracy", 0.99}, {"throughput", 1e6}};
  }
};

class TuneTest : public testing::Test {
 protected:
  TuneTest()
      : root_(std::filesystem::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name()),
        table_(kinds(), sections()) {
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_);
  }
  ~TuneTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }

  nlohmann::json tune(const std::vector<std::string>& overrides = {},
                      const RunOptions& options = {}) {
    runs_.clear();
    io::write_file_atomically(root_ / "p.yaml", text_);
    const Plan plan = make_plan(load_definition(root_ / "p.yaml", overrides, table_), table_);
    const Summary summary = run(plan, RunFolder(root_ / "run"), options);
    measured_ = 0;
    const prediction::Grid grid = measured_grid(summary, "sst2");
    for (const auto& task : grid.tasks()) measured_ += task.cells.size();
    return summary.after_cells.empty() ? nlohmann::json() : summary.after_cells.front().numbers;
  }

  std::string error_of(const std::vector<std::string>& overrides) {
    try {
      tune(overrides);
    } catch (const Error& problem) {
      return problem.what();
    }
    ADD_FAILURE() << "expected an error";
    return "";
  }

  std::filesystem::path root_;
  std::string text_ = kGrid;
  std::vector<std::string> runs_;
  std::size_t measured_ = 0;  ///< Cells that a predict stage would see.
  StageTable table_;

 private:
  std::vector<std::unique_ptr<const StageKind>> kinds() {
    std::vector<std::unique_ptr<const StageKind>> result;
    result.push_back(std::make_unique<TeacherStage>());
    result.push_back(std::make_unique<SurfaceStage>(runs_));
    result.push_back(std::make_unique<TuneStage>());
    return result;
  }
  static std::vector<config::Field> sections() {
    return {{.name = "multiplexer",
             .type = config::Type::map,
             .default_value = "{}",
             .fields = {{.name = "instances",
                         .type = config::Type::integer,
                         .default_value = "1",
                         .minimum = 1}}}};
  }
};

TEST_F(TuneTest, FindsTheBestCellAndComputesOnlyAPartOfTheGrid) {
  const nlohmann::json found = tune();
  // By the functions above the fastest cell that loses at most 5 points is (2, 0.8).
  EXPECT_EQ(found.at("chosen"), nlohmann::json({{"instances", "2"}, {"sparsity", "0.8"}}));
  EXPECT_NEAR(found.at("min_accuracy").get<double>(), 0.87, 1e-12);
  EXPECT_LE(runs_.size(), 9U);
  EXPECT_EQ(runs_.size(), found.at("measured_cells").get<std::size_t>());
  EXPECT_EQ(measured_, runs_.size()) << "the numbers of the teacher are those of no cell";
  EXPECT_EQ(runs_.front(), "instances-1_sparsity-0");
  EXPECT_EQ(io::read_file(root_ / "run" / "model" / "weights"), "instances-2_sparsity-0.8");
}

TEST_F(TuneTest, AnotherRunComputesNothingAndGivesTheSameAnswer) {
  const nlohmann::json first = tune();
  EXPECT_EQ(tune(), first);
  EXPECT_TRUE(runs_.empty());
  // What a larger budget needs in addition, and no more.
  const nlohmann::json larger = tune({"stages.tune.max_loss=0.1"});
  EXPECT_EQ(larger.at("chosen"), nlohmann::json({{"instances", "5"}, {"sparsity", "0.8"}}));
  EXPECT_LE(runs_.size(), 12 - first.at("measured_cells").get<std::size_t>());
}

TEST_F(TuneTest, AForcedStageIsComputedAgainForTheCellsThatItHad) {
  const nlohmann::json first = tune();
  RunOptions options;
  options.force = "cell";
  EXPECT_EQ(tune({}, options).at("chosen"), first.at("chosen"));
  EXPECT_EQ(runs_.size(), first.at("measured_cells").get<std::size_t>());
}

TEST_F(TuneTest, APreviewSaysThatNotAllOfTheCellsAreCertainToRun) {
  io::write_file_atomically(root_ / "p.yaml", kGrid);
  const Plan plan = make_plan(load_definition(root_ / "p.yaml", {}, table_), table_);
  const auto actions = preview(plan, RunFolder(root_ / "run"), {});
  ASSERT_EQ(actions.size(), 16U);
  EXPECT_EQ(actions.front().state.reason, "not computed yet, if its cell is chosen");
  EXPECT_EQ(actions.back().state.reason, "runs every time");
}

TEST_F(TuneTest, EndsWhenTheTimeIsSpent) {
  const nlohmann::json found = tune({"stages.tune.hours=1e-12"});
  EXPECT_EQ(runs_.size(), 1U);
  EXPECT_EQ(found.at("chosen"), nlohmann::json({{"instances", "1"}, {"sparsity", "0"}}));
  EXPECT_THAT(found.at("ended_because").get<std::string>(), HasSubstr("1e-12 hours"));
}

TEST_F(TuneTest, GivesUpAndHandsOverNoModelWhenNoneIsAccurateEnough) {
  tune();
  EXPECT_TRUE(std::filesystem::exists(root_ / "run" / "model"));
  const nlohmann::json found = tune({"stages.tune.max_loss=", "stages.tune.min_accuracy=0.99"});
  EXPECT_FALSE(found.contains("chosen"));
  EXPECT_FALSE(std::filesystem::exists(root_ / "run" / "model")) << "of another budget";
  EXPECT_LE(runs_.size(), 1U);
}

TEST_F(TuneTest, LeavesAFolderOfTheUserAsItIs) {
  io::write_file_atomically(root_ / "run" / "model" / "notes.txt", "mine");
  EXPECT_THAT(error_of({}), HasSubstr("has files in it that are not of an earlier export"));
  EXPECT_EQ(io::read_file(root_ / "run" / "model" / "notes.txt"), "mine");
}

TEST_F(TuneTest, LetsAPartOfTheGridBeComputedWithoutIt) {
  RunOptions options;
  options.until = "cell";
  tune({"grid.instances.values=[2]"}, options);
  EXPECT_GT(measured_, 0U);
}

TEST_F(TuneTest, DoesWithoutStagesBehindTheLastThatIsWanted) {
  text_ += "  - {stage: teacher, id: later}\n";
  RunOptions options;
  options.until = "tune";
  EXPECT_EQ(tune({}, options).at("chosen"),
            nlohmann::json({{"instances", "2"}, {"sparsity", "0.8"}}));
}

TEST(CellSearch, MeasuresLossesFromAScoreBelowZero) {
  CellSummary plain{{{"sparsity", "0"}}, 1, 0.0, {}};
  plain.stages.push_back({"cell", "surface", {}, true, {{"accuracy", -0.02}, {"throughput", 1.0}}});
  Summary summary{"g", {}, {plain}, {}};
  SearchGoal goal;
  goal.max_loss = 0.01;
  const SearchStep step =
      CellSearch(goal, prediction::plugin_models("gaussian_process")).decide(summary);
  EXPECT_NEAR(step.min_accuracy.value_or(0.0), -0.03, 1e-12);
  EXPECT_EQ(step.best, 0U);
}

TEST_F(TuneTest, RefusesWhatItCannotSearch) {
  EXPECT_THAT(error_of({"stages.tune.max_loss="}),
              HasSubstr("tune - expected one of max_loss and min_accuracy"));
  EXPECT_THAT(error_of({"stages.tune.min_accuracy=0.9"}),
              HasSubstr("tune - expected one of max_loss and min_accuracy"));
  EXPECT_THAT(error_of({"stages.teacher={stage: tune, id: other, max_loss: 0.1}"}),
              HasSubstr("tune - expected one such stage"));
  EXPECT_THAT(
      error_of({"stages.tune.model={method: bilinear}", "grid.seed={set: seed, values: [1, 2]}"}),
      HasSubstr("seed"));
  EXPECT_TRUE(runs_.empty()) << "found before anything is computed";
  EXPECT_THAT(error_of({"grid="}), HasSubstr("tune has nothing to choose from"));
  EXPECT_THAT(error_of({"grid.kind={set: stages.cell.measures, values: [true, false]}"}),
              HasSubstr("grid.kind 'true' - expected a number"));
  EXPECT_THAT(error_of({"grid.instances.values=[2, 5]"}),
              HasSubstr("max_loss is relative to the cell of 1 instance and sparsity 0"));
  EXPECT_THAT(error_of({"stages.cell.measures=false"}),
              HasSubstr("cell 'instances 1, sparsity 0' was computed and is not measured"));
}

}  // namespace
}  // namespace prumux::pipeline
