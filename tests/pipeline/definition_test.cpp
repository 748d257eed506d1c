#include "core/pipeline/definition.h"

#include "core/config/overrides.h"
#include "fake_stages.h"

namespace prumux::pipeline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

const char* const kGrid =
    "name: g\n"
    "grid:\n"
    "  instances: {set: multiplexer.instances, values: [1, 2]}\n"
    "  sparsity: {set: stages.prune.rate, values: [0, 0.60]}\n"
    "stages:\n"
    "  - {stage: train, id: warmup, skip_if: {instances: 1}}\n"
    "  - {stage: train, id: prune, skip_if: {sparsity: 0.0}}\n"
    "  - {stage: measure}\n"
    "  - {stage: overview}\n";

class DefinitionTest : public PipelineTest {
 protected:
  Definition load(const std::string& text, const std::vector<std::string>& overrides = {}) const {
    return load_definition(write(text), overrides, table_);
  }
  static std::vector<std::string> ids(const CellDefinition& cell) {
    std::vector<std::string> result;
    for (const auto& stage : cell.config.at("stages").items) {
      result.push_back(stage.at("id").string());
    }
    return result;
  }
};

TEST_F(DefinitionTest, MakesACellOfEachCombinationWithoutTheStagesThatItSkips) {
  const Definition definition = load(kGrid);
  ASSERT_EQ(definition.cells.size(), 4U);
  EXPECT_THAT(definition.cells[1].variables,
              ElementsAre(Pair("instances", "1"), Pair("sparsity", "0.6")));
  EXPECT_THAT(ids(definition.cells[0]), ElementsAre("measure"));
  EXPECT_THAT(ids(definition.cells[1]), ElementsAre("prune", "measure"));
  EXPECT_THAT(ids(definition.cells[2]), ElementsAre("warmup", "measure"));
  EXPECT_THAT(ids(definition.cells[3]), ElementsAre("warmup", "prune", "measure"));
  EXPECT_EQ(config::find_at(definition.cells[3].config, "stages.prune.rate")->text, "0.6");
  EXPECT_EQ(config::find_at(definition.cells[3].config, "multiplexer.instances")->text, "2");
  EXPECT_EQ(definition.cells[3].label(), "instances-2_sparsity-0.6");
}

TEST_F(DefinitionTest, WithoutAGridHasOneCellWithoutVariables) {
  const Definition definition = load("name: g\nstages: [{stage: measure}]\n");
  ASSERT_EQ(definition.cells.size(), 1U);
  EXPECT_EQ(definition.cells[0].label(), "");
}

TEST_F(DefinitionTest, ShowsTheLastValueOfTheGridWhereTheFileHasNone) {
  const Definition definition =
      load(std::string(kGrid) + "multiplexer: {instances: 5}\n", {"grid.instances.values=[1,3]"});
  EXPECT_EQ(config::find_at(definition.config, "stages.prune.rate")->text, "0.6");
  EXPECT_EQ(config::find_at(definition.config, "multiplexer.instances")->text, "5");
}

TEST_F(DefinitionTest, NamesThePlaceInTheGridOfAValueThatDoesNotFit) {
  EXPECT_EQ(error_of([&] { load(kGrid, {"grid.sparsity.values=[0.5, 7]"}); }),
            "--set grid.sparsity.values=[0.5, 7]: stages.prune.rate '7' - expected a number of at "
            "most 1");
  std::string text = kGrid;
  text.replace(text.find("0.60"), 4, "1.60");
  EXPECT_EQ(error_of([&] { load(text); }),
            "p.yaml:4:50: stages.prune.rate '1.60' - expected a number of at most 1");
}

TEST_F(DefinitionTest, RefusesUnknownStagesKeysAndRepeatedNames) {
  for (const std::string name : {"''", "a/b", ".."}) {
    EXPECT_THAT(error_of([&] { load("name: " + name + "\nstages: [{stage: train}]\n"); }),
                testing::HasSubstr("expected the name of a folder, without '/'"));
  }
  EXPECT_EQ(error_of([&] { load("name: g\nstages: [{stage: trian}]\n"); }),
            "p.yaml:2:18: unknown stage 'trian' - did you mean 'train'?");
  EXPECT_EQ(error_of([&] { load("name: g\nstages: [{stage: train, rat: 1}]\n"); }),
            "p.yaml:2:25: unknown key 'rat' in 'stages.train' - did you mean 'rate'?");
  EXPECT_EQ(error_of([&] { load("name: g\nstages: [{stage: train}, {stage: train}]\n"); }),
            "p.yaml:2:26: a second stage is called 'train' - the first is at p.yaml:2:10; give one "
            "another 'id'");
  EXPECT_EQ(error_of([&] { load("name: g\nstages: [{stage: train, id: ../x}]\n"); }),
            "p.yaml:2:10: id '../x' - expected letters, digits, _ and -");
  EXPECT_EQ(error_of([&] { load("name: g\nstages: []\n"); }),
            "p.yaml:2:9: stages is empty - expected at least one stage");
}

TEST_F(DefinitionTest, SaysHowLargeASeedMayBe) {
  const std::string huge = "99999999999999999999";
  EXPECT_THAT(error_of([&] { load("name: g\nseed: " + huge + "\nstages: [{stage: train}]\n"); }),
              HasSubstr("seed '" + huge + "' - expected an integer from 0 to 4294967295"));
}

TEST_F(DefinitionTest, RefusesAGridThatSetsWhatIsNotThere) {
  const std::string stages = "stages: [{stage: train}]\n";
  EXPECT_EQ(error_of([&] {
              load("name: g\ngrid: {r: {set: stages.trian.rate, values: [1]}}\n" + stages);
            }),
            "p.yaml:2:17: no entry 'trian' in 'stages' - did you mean 'train'?");
  EXPECT_EQ(error_of([&] {
              load("name: g\ngrid: {r: {set: stages.train.rat, values: [1]}}\n" + stages);
            }),
            "p.yaml:2:17: unknown key 'rat' in 'stages.train' - did you mean 'rate'?");
  EXPECT_THAT(
      error_of([&] { load("name: g\ngrid: {r: {set: model, values: [a, b, a]}}\n" + stages); }),
      HasSubstr("p.yaml:2:39: grid.r.values has 'a' twice"));
  EXPECT_THAT(error_of([&] { load("name: g\ngrid: {r: {set: model, values: []}}\n" + stages); }),
              HasSubstr("expected at least one value"));
}

TEST_F(DefinitionTest, RefusesTwoVariablesOfOneSetting) {
  EXPECT_EQ(error_of([&] {
              load(
                  "name: g\ngrid: {a: {set: model, values: [x]}, b: {set: model, values: [y]}}\n"
                  "stages: [{stage: train}]\n");
            }),
            "p.yaml:2:47: grid.b sets model, as grid.a does - expected each setting once");
}

TEST_F(DefinitionTest, RefusesTwoPathsToOneSetting) {
  EXPECT_THAT(error_of([&] {
                load(
                    "name: g\ngrid: {a: {set: stages.train.rate, values: [0]}, b: {set: "
                    "stages.0.rate, values: [1]}}\nstages: [{stage: train}]\n");
              }),
              HasSubstr("grid.b sets stages.0.rate, as grid.a does"));
}

TEST_F(DefinitionTest, RefusesAGridOverTheIdOfAStage) {
  const auto error_with = [&](const std::string& path, const std::string& stage) {
    return error_of([&] {
      load("name: g\ngrid: {a: {set: " + path + ", values: [train]}}\nstages: [{" + stage + "}]\n");
    });
  };
  const std::string named = "stage: train, id: dense";
  EXPECT_EQ(error_with("stages.dense.id", named),
            "p.yaml:2:17: grid.a sets stages.dense.id, by which the stage is called - expected one "
            "id in all cells; give the stage an 'id' in 'stages'");
  EXPECT_THAT(error_with("stages.0.stage", "stage: measure"), HasSubstr("sets stages.0.stage, by"));
  EXPECT_EQ(load("name: g\ngrid: {a: {set: stages.dense.stage, values: [measure]}}\n"
                 "stages: [{" +
                 named + "}]\n")
                .cells.size(),
            1U);
}

TEST_F(DefinitionTest, RefusesCellsOfOneLabel) {
  EXPECT_EQ(error_of([&] {
              load(
                  "name: g\ngrid: {v: {set: model, values: [d/a, d-a]}}\n"
                  "stages: [{stage: train}]\n");
            }),
            "p.yaml:2:7: the cells 'v d/a' and 'v d-a' are both called 'v-d-a' where files are "
            "named - expected values that differ in letters, digits, '.', '-' or '_'");
}

TEST_F(DefinitionTest, KeepsTheGridOnce) {
  const Definition definition = load(kGrid);
  EXPECT_TRUE(definition.config.has("grid"));
  EXPECT_FALSE(definition.cells.front().config.has("grid"));
}

TEST_F(DefinitionTest, RefusesCoordinatesThatAreNoInstancesOrSparsities) {
  const std::string stages = "stages: [{stage: train}]\n";
  EXPECT_THAT(
      error_of([&] {
        load("name: g\ngrid: {sparsity: {set: stages.train.log_every, values: [0, 7]}}\n" + stages);
      }),
      HasSubstr("p.yaml:2:60: grid.sparsity.values has '7' - expected shares of weights"));
  EXPECT_THAT(
      error_of([&] {
        load("name: g\ngrid: {instances: {set: stages.train.log_every, values: [2]}}\n" + stages);
      }),
      HasSubstr("p.yaml:2:25: grid.instances sets stages.train.log_every - expected "
                "multiplexer.instances"));
}

TEST_F(DefinitionTest, RefusesASkipConditionOnNothing) {
  EXPECT_EQ(error_of([&] { load(kGrid, {"stages.warmup.skip_if={instanses: 1}"}); }),
            "--set stages.warmup.skip_if={instanses: 1}: skip_if names 'instanses', which is no "
            "variable of the grid and no setting of this file - did you mean 'instances'?");
}

TEST_F(DefinitionTest, ASkipConditionComparesTruthValuesHoweverTheyAreWritten) {
  const std::string text =
      "name: g\ngrid: {v: {set: model, values: [True, false]}}\n"
      "stages: [{stage: train, skip_if: {v: true}}, {stage: measure}]\n";
  EXPECT_THAT(ids(load(text).cells[0]), ElementsAre("measure"));
  EXPECT_THAT(ids(load(text).cells[1]), ElementsAre("train", "measure"));
}

TEST_F(DefinitionTest, RefusesASkipConditionOfAStageAfterTheCells) {
  EXPECT_THAT(error_of([&] { load(kGrid, {"stages.overview.skip_if={instances: 1}"}); }),
              HasSubstr("unknown key 'skip_if' in 'stages.overview'"));
}

TEST_F(DefinitionTest, ASkipConditionMayNameASetting) {
  const std::string text =
      "name: g\nmodel: a\nstages: [{stage: train, skip_if: {model: a}}, {stage: measure}]\n";
  EXPECT_THAT(ids(load(text).cells[0]), ElementsAre("measure"));
}

}  // namespace
}  // namespace prumux::pipeline
