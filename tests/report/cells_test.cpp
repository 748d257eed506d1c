#include "core/report/cells.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/report/facts.h"
#include "tests/report/run_fixture.h"

namespace prumux::test {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// A run whose grid has these variables.
class CellsOfRun : public ::testing::Test {
 protected:
  void set_grid(const std::string& grid) {
    folder_.write("resolved.yaml", "name: run\ngrid: " + grid +
                                       "\nstages: [{stage: finetune, id: dense}, "
                                       "{stage: prune, id: prune, skip_if: {sparsity: 0}}, "
                                       "{stage: evaluate, id: evaluate}]\n");
  }
  void add(const StageOnDisk& stage) { write_stage(folder_.path(), stage); }
  void add_model(const std::string& id, const std::string& key,
                 const std::map<std::string, std::string>& settings,
                 const std::map<std::string, std::string>& inputs = {}) {
    add({.id = id,
         .key = key,
         .result = {{"accuracy", 0.8}},
         .settings = settings,
         .inputs = inputs,
         .has_model = true});
  }
  /// "LABEL: accuracy, throughput" of each cell; what it does not have is null.
  std::vector<std::string> cells() {
    facts_ = report::collect_facts(folder_.path());
    std::vector<std::string> result;
    for (const json& cell : facts_.at("cells")) {
      result.push_back(cell.at("label").get<std::string>() + ": " +
                       cell.value("accuracy", json()).dump() + ", " +
                       cell.value("throughput", json()).dump());
    }
    return result;
  }
  const json& facts() const { return facts_; }

 private:
  TemporaryFolder folder_;
  json facts_;
};

TEST_F(CellsOfRun, AreSplitByWhatOnlyAMeasurementReads) {
  set_grid(
      "{precision: {set: stages.benchmark.precision, values: [float32, bfloat16]},"
      " ensemble: {set: stages.evaluate.ensemble, values: [1, 2]}}");
  add_model("dense", "d1", {});
  for (const char* ensemble : {"1", "2"}) {
    add({.id = "evaluate",
         .key = std::string("e") + ensemble,
         .result = {{"accuracy", *ensemble == '1' ? 0.9 : 0.95}},
         .settings = {{"ensemble", ensemble}},
         .inputs = {{"from", "d1"}}});
  }
  for (const char* precision : {"float32", "bfloat16"}) {
    add({.id = "benchmark",
         .key = precision,
         .result = {{"throughput", *precision == 'f' ? 100 : 200}},
         .settings = {{"precision", precision}},
         .inputs = {{"from", "d1"}}});
  }
  EXPECT_THAT(cells(), ElementsAre("precision bfloat16, ensemble 1: 0.9, 200.0",
                                   "precision bfloat16, ensemble 2: 0.95, 200.0",
                                   "precision float32, ensemble 1: 0.9, 100.0",
                                   "precision float32, ensemble 2: 0.95, 100.0"));
  EXPECT_THAT(facts().at("notes"), IsEmpty());
}

TEST_F(CellsOfRun, OfThePipelinesOwnModelAreSplitByTheGrid) {
  set_grid("{instances: {set: multiplexer.instances, values: [1, 2]}}");
  for (const char* instances : {"1", "2"}) {
    add({.id = "evaluate",
         .key = instances,
         .result = {{"accuracy", *instances == '1' ? 0.9 : 0.8}},
         .settings = {{"multiplexer.instances", instances}}});
  }
  EXPECT_THAT(cells(), ElementsAre("instances 1: 0.9, null", "instances 2: 0.8, null"));
  EXPECT_EQ(facts().at("cells").at(1).at("instances"), 2);
}

TEST_F(CellsOfRun, LeaveOutEarlierMeasurementsWithANote) {
  set_grid("{}");
  add_model("dense", "d1", {});
  add({.id = "evaluate",
       .key = "e1",
       .result = {{"accuracy", 0.7}},
       .inputs = {{"from", "d1"}},
       .finished = "2026-11-24 13:00:00 UTC"});
  add({.id = "evaluate", .key = "e2", .result = {{"accuracy", 0.6}}, .inputs = {{"from", "d1"}}});
  add({.id = "evaluate", .key = "e3", .result = {{"accuracy", 0.5}}, .inputs = {{"from", "gone"}}});
  EXPECT_THAT(cells(), ElementsAre("dense-d1: 0.7, null"));
  EXPECT_THAT(facts().at("notes"),
              ElementsAre("stages/evaluate-e3 is left out, since the stage that it measured is not "
                          "there",
                          "an earlier result for evaluate (stages/evaluate-e2) is left out"));
}

TEST_F(CellsOfRun, HaveTheInstancesOfTheirOwnModelAndNotOfItsTeacher) {
  set_grid("{instances: {set: multiplexer.instances, values: [2]}}");
  add_model("plain", "p", {{"multiplexer.instances", "1"}});
  add_model("warmup", "w", {{"multiplexer.instances", "2"}});
  add_model("language", "l", {}, {{"from", "w"}});
  add_model("dense", "d", {}, {{"from", "l"}, {"teacher", "p"}});
  EXPECT_THAT(cells(), ElementsAre("instances 2: 0.8, null"));
}

TEST_F(CellsOfRun, WithoutMeasurementsAreTheModelsThatTheGridAsksFor) {
  set_grid("{sparsity: {set: stages.prune.target, values: [0, 0.50, 0.9]}}");
  add_model("dense", "d", {});
  add_model("prune", "p5", {{"target", "0.5"}}, {{"from", "d"}});
  add_model("prune", "p7", {{"target", "0.7"}}, {{"from", "d"}, {"sweep", "p5"}});
  add_model("prune", "p9", {{"target", "0.9"}}, {{"from", "d"}, {"sweep", "p7"}});
  // 0.7 is no value of the grid: the sweep has only passed it.
  EXPECT_THAT(cells(), ElementsAre("sparsity 0: 0.8, null", "sparsity 0.5: 0.8, null",
                                   "sparsity 0.9: 0.8, null"));
}

TEST_F(CellsOfRun, AreCalledAsTheSettingAndNotByTheHashOfItsFile) {
  set_grid("{data: {set: data.train, values: [a.tsv, b.tsv]}}");
  for (const char* name : {"a", "b"}) {
    add({.id = "dense",
         .key = name,
         .result = {{"accuracy", 0.8}},
         .contents = {{"data.train", std::string(40, *name)}},
         .has_model = true});
  }
  ASSERT_EQ(cells().size(), 2u);
  for (const json& cell : facts().at("cells")) {
    EXPECT_EQ(cell.at("variables").at("data").get<std::string>().size(), 8u);
  }
  add({.id = "compare",
       .key = "c",
       .result = json::object(),
       .inputs = {{"dense of data a.tsv", "a"}, {"dense of data b.tsv", "b"}}});
  EXPECT_THAT(cells(), ElementsAre("data a.tsv: 0.8, null", "data b.tsv: 0.8, null"));
}

}  // namespace
}  // namespace prumux::test
