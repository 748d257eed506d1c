#include "core/report/facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "core/io/atomic_file.h"
#include "prumux/error.h"
#include "tests/report/run_fixture.h"

namespace prumux::test {
namespace {

using nlohmann::json;
using report::collect_facts;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// The entry of `list` whose `name` is `value`; null when there is none.
json entry(const json& list, const char* name, const json& value) {
  const auto found = std::find_if(list.begin(), list.end(),
                                  [&](const json& one) { return one.at(name) == value; });
  return found == list.end() ? json() : *found;
}

std::vector<std::string> labels(const json& list) {
  std::vector<std::string> result;
  for (const json& one : list) result.push_back(one.at("label"));
  return result;
}

std::string error_of(const std::filesystem::path& run) {
  try {
    collect_facts(run);
  } catch (const Error& problem) {
    return problem.what();
  }
  return "";
}

TEST(Facts, FindTheMeasuredCellsOfTheGrid) {
  const RunFixture run;
  const json facts = collect_facts(run.path());
  EXPECT_EQ(facts.at("name"), "quickstart");
  EXPECT_EQ(facts.at("task"), "sst2");
  EXPECT_THAT(facts.at("notes"), IsEmpty());
  EXPECT_THAT(labels(facts.at("cells")),
              ElementsAre("instances 1, sparsity 0", "instances 1, sparsity 0.5",
                          "instances 1, sparsity 0.9", "instances 2, sparsity 0",
                          "instances 2, sparsity 0.5", "instances 2, sparsity 0.7",
                          "instances 2, sparsity 0.9"));
  // The numbers are those of result.json of this cell's evaluate and benchmark stages.
  const json cell = facts.at("cells").at(2);
  EXPECT_EQ(cell.at("instances"), 1);
  EXPECT_EQ(cell.at("sparsity"), 0.9);
  EXPECT_EQ(cell.at("accuracy"), 0.996667);
  EXPECT_EQ(cell.at("throughput"), 7316.265414);
  EXPECT_EQ(cell.at("parameters"), 39983);
  EXPECT_EQ(cell.at("removed"), 0.899849);
  EXPECT_EQ(cell.at("model"), "stages/final-393f9f36/model");
  EXPECT_EQ(cell.at("stages").size(), 3u);
}

TEST(Facts, TellWhatIsLeftOfThePrunedModels) {
  const RunFixture run;
  const json facts = collect_facts(run.path());
  EXPECT_EQ(facts.at("structures").size(), 5u);  // All cells with a sparsity above 0.
  const json model = entry(facts.at("structures"), "label", "instances 1, sparsity 0.5");
  EXPECT_EQ(model.at("hidden"), 48);
  EXPECT_EQ(model.at("layers").size(), 4u);
  EXPECT_EQ(model.at("layers").at(2).at("heads"), json({true, true, true, false}));
  EXPECT_EQ(model.at("layers").at(2).at("intermediate"), 0);
  // 3 of 4 heads of the 4 d^2 weights of attention, none of the 2 d 4d of the feed-forward block.
  EXPECT_NEAR(model.at("layers").at(2).at("weights_left").get<double>(), 3.0 / 12.0, 1e-12);
}

TEST(Facts, TellTheLastSearch) {
  const RunFixture run;
  EXPECT_TRUE(collect_facts(run.path()).at("search").is_null());
  run.add_search("tune-1", "2026-11-24 16:00:00 UTC", 0.9);
  run.add_search("tune-2", "2026-11-24 15:00:00 UTC", 0.8);
  const json search = collect_facts(run.path()).at("search");
  EXPECT_EQ(search.at("measured_cells"), 7);
  EXPECT_EQ(search.at("min_accuracy"), 0.9);
}

TEST(Facts, LeaveOutWhatWasFoundBeforeTheMeasurementsThatAreShown) {
  const RunFixture run;
  run.add_search("tune-1", "2026-11-24 16:00:00 UTC", 0.9);
  EXPECT_EQ(collect_facts(run.path()).at("prediction").at("budgets").size(), 3u);
  // The same measurement as before, but made again.
  const std::string file = "stages/benchmark-bc89ef32/stage.json";
  json stage = json::parse(std::ifstream(run.path() / file));
  stage["finished"] = "2026-11-24 16:30:00 UTC";
  run.write(file, stage.dump());
  const json facts = collect_facts(run.path());
  EXPECT_TRUE(facts.at("prediction").is_null());
  EXPECT_TRUE(facts.at("search").is_null());
  EXPECT_EQ(facts.at("notes").size(), 2u);
  // A later search counts, whatever was predicted earlier.
  run.add_search("tune-2", "2026-11-24 17:00:00 UTC", 0.8);
  EXPECT_EQ(collect_facts(run.path()).at("search").at("min_accuracy"), 0.8);
}

TEST(Facts, LeaveOutWhatAStageHasFoundThatThePipelineNoLongerHas) {
  const RunFixture run;
  std::string pipeline = io::read_file(run.path() / "resolved.yaml");
  pipeline.replace(pipeline.find("id: predict"), 11, "id: compare");
  run.write("resolved.yaml", pipeline);
  EXPECT_TRUE(collect_facts(run.path()).at("prediction").is_null());
}

TEST(Facts, OfAGridThatIsSmallerNowKeepWhatWasFoundInIt) {
  const RunFixture run;
  run.remove_stages("predict");
  run.add_search("tune-1", "2026-11-24 16:00:00 UTC", 0.9);
  // The search has not read the cells of 2 instances, which the grid no longer has.
  std::string pipeline = io::read_file(run.path() / "resolved.yaml");
  pipeline.replace(pipeline.find("values: [1, 2]"), 14, "values: [1]");
  run.write("resolved.yaml", pipeline);
  const std::string file = "stages/benchmark-ebf6ba26/stage.json";
  json stage = json::parse(std::ifstream(run.path() / file));
  stage["finished"] = "2026-11-24 16:30:00 UTC";
  run.write(file, stage.dump());
  EXPECT_EQ(collect_facts(run.path()).at("search").at("min_accuracy"), 0.9);
}

TEST(Facts, HaveTheCurvesOfEveryTraining) {
  const RunFixture run;
  const json facts = collect_facts(run.path());
  const json warmup = entry(facts.at("curves"), "id", "warmup");
  EXPECT_EQ(warmup.at("label"), "instances 2");  // It does not depend on the sparsity.
  EXPECT_FALSE(warmup.contains("score"));
  const json interrupted = entry(facts.at("curves"), "complete", false);
  EXPECT_EQ(interrupted.at("label"), "instances 1, sparsity 0.7");
  EXPECT_TRUE(interrupted.contains("loss"));
  EXPECT_TRUE(interrupted.contains("sparsity"));
  EXPECT_TRUE(interrupted.contains("target"));
}

TEST(Facts, SayWhatTheyWereMeasuredWith) {
  const RunFixture run;
  const json facts = collect_facts(run.path());
  EXPECT_EQ(facts.at("measured_with").at("device"), json({"cpu"}));
  EXPECT_EQ(facts.at("measured_with").at("machine").at(0).at("processor"), "Example CPU 3 GHz");
  EXPECT_EQ(facts.at("versions").at("torch"), json({"2.11.0"}));
  EXPECT_EQ(facts.at("versions").at("multiplexer.plugin"), json({"datamux 0.1.0"}));
  EXPECT_THAT(facts.at("configuration").get<std::string>(), HasSubstr("target_sparsity: 0.9"));
  EXPECT_THAT(facts.at("order"), ElementsAre("warmup", "language", "dense", "prune", "final",
                                             "evaluate", "benchmark", "predict"));
}

TEST(Facts, OfAnUnfinishedRunAreThoseThatAreThere) {
  const RunFixture run;
  run.remove_stages("predict");
  run.remove_stages("benchmark");
  run.remove_stages("evaluate");
  const json facts = collect_facts(run.path());
  EXPECT_TRUE(facts.at("prediction").is_null());
  // The last finished training of each cell, with the accuracy that it measured.
  EXPECT_THAT(labels(facts.at("cells")),
              ElementsAre("instances 1, sparsity 0", "instances 1, sparsity 0.5",
                          "instances 1, sparsity 0.9", "instances 2, sparsity 0",
                          "instances 2, sparsity 0.5", "instances 2, sparsity 0.7",
                          "instances 2, sparsity 0.9"));
  for (const json& cell : facts.at("cells")) {
    EXPECT_EQ(cell.at("is_measured"), false);
    EXPECT_TRUE(cell.contains("accuracy"));
    EXPECT_FALSE(cell.contains("throughput"));
  }
}

TEST(Facts, TakeTheLatestOfTwoResultsForOneCell) {
  const RunFixture run;
  // Another benchmarked model for the cell of 1 instance and sparsity 0.9, of a later day.
  const auto copy = [&](const std::string& from, const std::string& to) {
    std::filesystem::copy(run.path() / "stages" / from, run.path() / "stages" / to,
                          std::filesystem::copy_options::recursive);
  };
  copy("final-393f9f36", "final-11111111");
  copy("benchmark-bc89ef32", "benchmark-22222222");
  const auto change = [&](const std::string& folder, const std::string& key,
                          const std::string& from) {
    const std::string file = "stages/" + folder + "/stage.json";
    json stage = json::parse(std::ifstream(run.path() / file));
    stage["key"] = key;
    stage["finished"] = "2099-01-01 00:00:00 UTC";
    for (json& one : stage["record"]) {
      if (one["name"] == "from" && !from.empty()) one["value"] = from;
    }
    run.write(file, stage.dump());
  };
  change("final-11111111", "1111", "");
  change("benchmark-22222222", "2222", "1111");
  const json facts = collect_facts(run.path());
  EXPECT_EQ(facts.at("cells").size(), 7u);
  EXPECT_EQ(facts.at("cells").at(2).at("model"), "stages/final-11111111/model");
  EXPECT_THAT(facts.at("notes"),
              ElementsAre("an earlier result for instances 1, sparsity 0.9 "
                          "(stages/final-393f9f36) is left out",
                          "the result of predict (stages/predict-175f0419) is left out, since it "
                          "is of other measurements than those shown; run that stage again"));
  EXPECT_TRUE(facts.at("prediction").is_null());
}

TEST(Facts, PassOverTheStageThatWritesThePage) {
  const RunFixture run;
  std::filesystem::create_directory(run.path() / "stages/report-12345678");
  run.write("stages/report-12345678/stage.json",
            R"({"id": "page", "stage": "report", "key": "1", "complete": false, "finished": "",
                "seconds": 0, "record": []})");
  EXPECT_TRUE(entry(collect_facts(run.path()).at("stages"), "id", "page").is_null());
}

TEST(Facts, OfAPlainPipelineHaveOneCell) {
  const RunFixture run;
  run.write("resolved.yaml", "name: plain\ndata: {task: sst2}\nstages: []\n");
  for (const char* prefix : {"final", "prune", "warmup", "predict", "language", "dense-316c93d0"}) {
    run.remove_stages(prefix);
  }
  for (const auto& entry : std::filesystem::directory_iterator(run.path() / "stages")) {
    const json stage = json::parse(std::ifstream(entry.path() / "stage.json"));
    const bool measures_dense =
        std::any_of(stage["record"].begin(), stage["record"].end(), [](const json& one) {
          return one["name"] == "from" && one["value"].get<std::string>().starts_with("cc80b281");
        });
    if (!measures_dense && stage["id"] != "dense") std::filesystem::remove_all(entry.path());
  }
  const json facts = collect_facts(run.path());
  ASSERT_EQ(facts.at("cells").size(), 1u);
  EXPECT_EQ(facts.at("cells").at(0).at("label"), "dense-cc80b281");
  EXPECT_EQ(facts.at("cells").at(0).at("accuracy"), 0.998333);
  EXPECT_EQ(facts.at("cells").at(0).at("throughput"), 2064.504444);
}

TEST(Facts, SayWhatIsDamagedAndGoOn) {
  const RunFixture run;
  run.write("stages/evaluate-00b91dcd/stage.json", "{");
  run.write("stages/predict-175f0419/result.json", "no JSON");
  run.write("resolved.yaml", "a: [");
  run.write("stages/final-393f9f36/model/model.safetensors", "short");
  const json facts = collect_facts(run.path());
  ASSERT_EQ(facts.at("notes").size(), 4u);
  const std::string notes = facts.at("notes").dump();
  EXPECT_THAT(notes, HasSubstr("stages/evaluate-00b91dcd is left out, since a file of it is"));
  EXPECT_THAT(notes, HasSubstr("stages/predict-175f0419 is left out"));
  EXPECT_THAT(notes, HasSubstr("the configuration cannot be read"));
  EXPECT_THAT(notes, HasSubstr("model.safetensors"));
}

TEST(Facts, TakeAStageForUnfinishedWhoseFilesAreNotWhatTheyWere) {
  const RunFixture run;
  const std::string folder = "stages/final-393f9f36";
  json lock = json::parse(io::read_file(run.path() / folder / "stage.json"));
  lock["files"] = {{"model/vocab.txt", 7}};
  run.write(folder + "/stage.json", lock.dump());
  const json facts = collect_facts(run.path());
  EXPECT_THAT(facts.at("notes").dump(),
              HasSubstr(folder + " has lost its result, and will be computed again: "
                                 "'model/vocab.txt' is not there"));
  EXPECT_EQ(entry(facts.at("stages"), "folder", folder).at("complete"), false);
}

TEST(Facts, AreRefusedForWhatIsNoRunFolder) {
  const TemporaryFolder folder;
  EXPECT_EQ(error_of(folder.path() / "none"),
            "'" + (folder.path() / "none").string() +
                "' does not exist; give the folder of a run, as `prumux run --out` names it (by "
                "default runs/NAME)");
  EXPECT_EQ(error_of(folder.path()),
            "'" + folder.path().string() +
                "' is no folder of a run: it has neither resolved.yaml nor stages; give the one "
                "that `prumux run --out` names (by default runs/NAME)");
}

TEST(Facts, OfARunThatHasJustBegunAreEmpty) {
  const TemporaryFolder folder;
  folder.write("resolved.yaml", "name: new\nstages: []\n");
  const json facts = collect_facts(folder.path());
  EXPECT_EQ(facts.at("name"), "new");
  EXPECT_THAT(facts.at("cells"), IsEmpty());
  EXPECT_THAT(facts.at("stages"), IsEmpty());
}

}  // namespace
}  // namespace prumux::test
