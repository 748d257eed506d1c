#include "core/pipeline/stages/stage_context.h"

#include "core/pipeline/engine.h"
#include "core/pipeline/stages/catalogue.h"
#include "core/pipeline/stages/data_files.h"
#include "core/pipeline/stages/models.h"
#include "tiny_pipeline.h"

namespace prumux::pipeline {
namespace {

namespace fs = std::filesystem;

class StageContextTest : public TinyPipelineTest {
 protected:
  StageJob job(const config::Value& pipeline, const Summary& summary) const {
    return {pipeline, pipeline, "own", "key", root_ / "own", {}, root_, "", summary, {}};
  }
};

TEST_F(StageContextTest, ShowsTheNumbersOfACellsLastModel) {
  CellSummary cell{{{"instances", "1"}}, 1, 0.0, {}};
  cell.stages = {
      {"first", "finetune", "/first", true, {{"accuracy", 0.9}, {"loss", 1.5}}},
      {"benchmark", "benchmark", "/benchmark", false, {{"throughput", 200.0}, {"rounds", 3}}},
      {"last", "prune", "/last", true, {{"sparsity", 0.5}}}};
  const Summary summary{"tiny", "/run", {cell}, {}};
  const config::Value pipeline;
  const StageJob own = job(pipeline, summary);
  const std::map<std::string, double> numbers = JobContext(own, 0).cells().front().numbers;
  EXPECT_EQ(numbers,
            (std::map<std::string, double>{{"loss", 1.5}, {"rounds", 3}, {"sparsity", 0.5}}));
}

TEST_F(StageContextTest, ReadsClassesInTheOrderOfTheModel) {
  const auto table = make_stage_table();
  const auto load = [&](std::vector<std::string> overrides) {
    overrides.emplace_back("grid.instances.values=[1]");
    return load_definition(file_, overrides, *table);
  };
  RunOptions until;
  until.until = "teacher";
  const Summary trained = run(make_plan(load({}), *table), RunFolder(root_ / "run"), until);
  const fs::path model = *trained.cells.front().model();
  nlohmann::json config = nlohmann::json::parse(io::read_file(model / "config.json"));
  ASSERT_EQ(config.at("id2label").at("0"), "negative");
  config["id2label"] = {{"0", "positive"}, {"1", "negative"}};
  config["label2id"] = {{"positive", 0}, {"negative", 1}};
  io::write_file_atomically(model / "config.json", config.dump());

  const Definition definition =
      load({"model.from=" + model.string(), "model.config=", "model.vocabulary="});
  const config::Value& pipeline = definition.cells.front().config;
  const Summary summary;
  const StageJob own = job(pipeline, summary);
  const text::Dataset rows = open_task_data(pipeline, "dev", *start_tokenizer(pipeline));
  std::vector<at::Tensor> labels;
  const auto keep = [&labels](const LabelledRows& some) { labels.push_back(some.labels.clone()); };
  for (const std::uint32_t capabilities : {0U, std::uint32_t{PRUMUX_READS_MODEL}}) {
    JobContext context(own, capabilities | PRUMUX_READS_HELD_OUT_DATA);
    context.read(DataSplit::held_out, static_cast<std::int64_t>(rows.size()), keep);
  }
  ASSERT_EQ(labels.size(), 2U);
  EXPECT_TRUE(at::equal(labels[1], 1 - labels[0]));
}

}  // namespace
}  // namespace prumux::pipeline
