#include <nlohmann/json.hpp>
#include <set>

#include "core/io/machine.h"
#include "core/model/model.h"
#include "core/pipeline/engine.h"
#include "core/pipeline/stages/catalogue.h"
#include "core/runtime/evaluate.h"
#include "core/text/tokenizer.h"
#include "prumux/error.h"
#include "tiny_pipeline.h"

namespace prumux::pipeline {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class StagesTest : public TinyPipelineTest {
 protected:
  Plan plan(const std::vector<std::string>& overrides = {}) const {
    return make_plan(load_definition(file_, overrides, *table_), *table_);
  }
  Summary run_in(const std::string& folder, const RunOptions& options = {},
                 const std::vector<std::string>& overrides = {}) const {
    return run(plan(overrides), RunFolder(root_ / folder), options);
  }
  std::string error_of(const std::vector<std::string>& overrides) const {
    try {
      plan(overrides);
    } catch (const ConfigError& problem) {
      return problem.what();
    }
    ADD_FAILURE() << "expected a ConfigError";
    return "";
  }

  std::unique_ptr<const StageTable> table_ = make_stage_table();
};

/// Contents of every file in which two equal runs must agree.
std::map<std::string, std::string> reproducible_files(const fs::path& run) {
  std::map<std::string, std::string> contents;
  for (const auto& entry : fs::recursive_directory_iterator(run / "stages")) {
    const bool is_model = entry.path().parent_path().filename() == "model";
    const bool is_result = entry.path().filename() == "result.json" &&
                           entry.path().string().find("benchmark") == std::string::npos &&
                           entry.path().string().find("predict") == std::string::npos;
    if (!is_model && !is_result) continue;
    std::string content = io::read_file(entry.path());
    if (is_result) {
      nlohmann::json json = nlohmann::json::parse(content);
      json.erase("timing");
      content = json.dump();
    }
    contents[entry.path().lexically_relative(run).string()] = content;
  }
  return contents;
}

TEST_F(StagesTest, RunThePipelineAndMeasureEveryCell) {
  const Summary summary = run_in("run");
  ASSERT_EQ(summary.cells.size(), 4U);
  for (const CellSummary& cell : summary.cells) {
    ASSERT_TRUE(cell.number("accuracy"));
    EXPECT_GE(*cell.number("accuracy"), 0.3);
    EXPECT_LE(*cell.number("accuracy"), 1.0);
    EXPECT_GT(cell.number("throughput").value_or(0), 0);
    ASSERT_TRUE(cell.model());
    EXPECT_TRUE(fs::exists(*cell.model() / "model.safetensors"));
    EXPECT_TRUE(fs::exists(*cell.model() / "vocab.txt"));
  }
  EXPECT_EQ(summary.cells[0].number("sparsity"), std::nullopt);
  EXPECT_NEAR(summary.cells[1].number("sparsity").value_or(0), 0.5, 0.05);
  EXPECT_NEAR(summary.cells[3].number("sparsity").value_or(0), 0.5, 0.05);
  EXPECT_THAT(io::read_file(root_ / "run/grid.csv"),
              testing::StartsWith("task,instances,sparsity,accuracy,throughput\nsst2,1,0,"));
  const nlohmann::json prediction =
      nlohmann::json::parse(io::read_file(root_ / "run/prediction.json"));
  EXPECT_FALSE(prediction.at("budgets")[0].at("recommendations").empty());
}

TEST_F(StagesTest, GoOnAfterInterruptionsAndEndWithTheSameBytes) {
  run_in("undisturbed");
  int interruptions = 0;
  for (int attempt = 0; attempt < 100; ++attempt) {
    RunOptions options;
    int questions = 0;
    // Later and later, so that each attempt gets beyond the last.
    options.stop_requested = [&] { return ++questions > 5 + 3 * attempt; };
    try {
      run_in("disturbed", options);
      break;
    } catch (const Interrupted&) {
      ++interruptions;
    }
  }
  EXPECT_GT(interruptions, 3);
  EXPECT_EQ(reproducible_files(root_ / "disturbed"), reproducible_files(root_ / "undisturbed"));
  EXPECT_FALSE(reproducible_files(root_ / "disturbed").empty());
}

TEST_F(StagesTest, ShareThePretrainingAndTheTeacherOfANumberOfInstances) {
  std::map<std::string, std::set<std::string>> keys;
  for (const auto& stage : plan().stages) keys[stage->id].insert(stage->key);
  EXPECT_EQ(keys.at("pretrain").size(), 1U);
  EXPECT_EQ(keys.at("teacher").size(), 2U);
  EXPECT_EQ(keys.at("prune").size(), 2U);
  EXPECT_EQ(keys.at("evaluate").size(), 4U);
}

/// The pipeline with a stage of one instance, which the pretraining starts from and imitates.
std::string imitating_pipeline(std::string text) {
  const auto replace = [&text](const std::string& word, const std::string& by) {
    for (std::size_t at; (at = text.find(word)) != std::string::npos;) {
      text.replace(at, word.size(), by);
    }
  };
  replace("../../../configs", std::string(PRUMUX_SOURCE_DIR) + "/configs");
  replace("  - stage: pretrain\n",
          "  - {stage: finetune, id: plain, instances: 1, steps: 4, groups: 8}\n"
          "  - {stage: pretrain, id: imitation, objective: imitation, teacher: plain,\n"
          "     skip_if: {instances: 1}, steps: 4, groups: 8}\n"
          "  - stage: pretrain # retrieval\n");
  return text;
}

TEST_F(StagesTest, MultiplexAndImitateTheModelOfAStageOfOneInstance) {
  const fs::path file = root_ / "imitating.yaml";
  io::write_file_atomically(file, imitating_pipeline(io::read_file(file_)));
  const auto planned = [&](const std::vector<std::string>& overrides) {
    return make_plan(load_definition(file, overrides, *table_), *table_);
  };
  RunOptions until;
  until.until = "imitation";
  run(planned({}), RunFolder(root_ / "run"), until);
  std::map<std::string, nlohmann::json> configs;
  for (const auto& entry : fs::directory_iterator(root_ / "run" / "stages")) {
    const std::string name = entry.path().filename().string();
    if (!fs::exists(entry.path() / "model")) continue;
    configs[name.substr(0, name.find('-'))] =
        nlohmann::json::parse(io::read_file(entry.path() / "model" / "config.json"));
  }
  ASSERT_EQ(configs.size(), 2U) << "one stage 'plain' for all cells, one imitation";
  EXPECT_FALSE(configs.at("plain").contains("num_instances"));
  EXPECT_EQ(configs.at("imitation").at("num_instances"), 2);

  // The multiplexer counts where it comes in, and nowhere before.
  const auto key_of = [&](const std::string& id, const std::vector<std::string>& overrides) {
    const Plan plan = planned(overrides);
    for (const auto& stage : plan.stages) {
      if (stage->id == id) return stage->key;
    }
    return std::string();
  };
  const std::vector<std::string> other = {"multiplexer.params.gaussian_hadamard_norm=5"};
  EXPECT_EQ(key_of("plain", other), key_of("plain", {}));
  EXPECT_NE(key_of("imitation", other), key_of("imitation", {}));
}

TEST_F(StagesTest, ImitateTheSameWhenTheTeacherIsRemembered) {
  const fs::path file = root_ / "imitating.yaml";
  io::write_file_atomically(file, imitating_pipeline(io::read_file(file_)));
  RunOptions until;
  until.until = "imitation";
  for (const std::string memory : {"0", "1"}) {
    const std::vector<std::string> overrides = {
        "stages.imitation.masking_share=0", "stages.imitation.line_per_chunk=true",
        "stages.imitation.steps=40", "stages.imitation.teacher_memory=" + memory};
    run(make_plan(load_definition(file, overrides, *table_), *table_), RunFolder(root_ / memory),
        until);
  }
  EXPECT_EQ(reproducible_files(root_ / "1"), reproducible_files(root_ / "0"));
  EXPECT_FALSE(reproducible_files(root_ / "1").empty());
}

TEST_F(StagesTest, ReportTheScoreOfTheModelThatTheyLeave) {
  io::write_file_atomically(
      root_ / "p.yaml",
      "name: last\nthreads: 1\ndata: {task: sst2, root: " PRUMUX_SOURCE_DIR
      "/configs/sample, max_length: 16}\n"
      "model: {vocabulary: " PRUMUX_SOURCE_DIR
      "/configs/sample/vocab.txt, config: {hidden_size: 16, num_hidden_layers: 1, "
      "num_attention_heads: 2, intermediate_size: 16}}\n"
      "stages:\n"
      "  - {stage: finetune, steps: 20, groups: 8, learning_rate: 0.03, schedule: constant,\n"
      "     evaluate_every: 1, keep_best: false}\n"
      "  - {stage: evaluate}\n");
  const Summary summary = run(make_plan(load_definition(root_ / "p.yaml", {}, *table_), *table_),
                              RunFolder(root_ / "run"), {});
  const std::vector<StageResult>& stages = summary.cells.front().stages;
  EXPECT_EQ(stages[0].numbers.at("accuracy"), stages[1].numbers.at("accuracy"));
  EXPECT_FALSE(stages[0].numbers.contains("best_step"));
}

class HeadOfStagesTest : public StagesTest {
 protected:
  /// Trains `first`, and then `second`, which by its learning rate changes nothing.
  Summary train_twice(const std::string& task, const std::string& label,
                      const std::string& other_label) {
    std::string rows = "sentence\tlabel\n";
    for (int i = 0; i < 8; ++i) {
      rows += "a moving film\t" + label + "\nthe plot was dull\t" + other_label + "\n";
    }
    io::write_file_atomically(root_ / "data" / "train.tsv", rows);
    io::write_file_atomically(root_ / "data" / "dev.tsv", rows);
    io::write_file_atomically(
        root_ / "p.yaml",
        "name: head\nthreads: 1\ndata: {task: " + task +
            ", root: data, max_length: 16}\n"
            "model: {vocabulary: " PRUMUX_SOURCE_DIR
            "/configs/sample/vocab.txt, config: "
            "{hidden_size: 16, num_hidden_layers: 1, num_attention_heads: 2, "
            "intermediate_size: 16}}\n"
            "stages:\n"
            "  - {stage: finetune, id: first, steps: 4, groups: 4, learning_rate: 1e-2}\n"
            "  - {stage: finetune, id: second, steps: 1, groups: 4, learning_rate: 0}\n");
    return run(make_plan(load_definition(root_ / "p.yaml", {}, *table_), *table_),
               RunFolder(root_ / ("run-" + std::to_string(++runs_))), {});
  }

  static void expect_equal(const fs::path& a, const fs::path& b) {
    const auto before = model::load_model(a)->state();
    const auto after = model::load_model(b)->state();
    ASSERT_EQ(before.size(), after.size());
    for (const auto& [name, tensor] : before) {
      EXPECT_TRUE(at::equal(tensor, after.at(name))) << name;
    }
  }

  int runs_ = 0;
};

TEST_F(HeadOfStagesTest, IsKeptWhereTheLabelsHaveNoNames) {
  for (const auto& [task, label, other] :
       {std::tuple("classification", "0", "1"), std::tuple("regression", "0.5", "-2")}) {
    const Summary summary = train_twice(task, label, other);
    const auto& stages = summary.cells.front().stages;
    SCOPED_TRACE(task);
    expect_equal(stages.at(0).folder / "model", stages.at(1).folder / "model");
  }
}

TEST_F(HeadOfStagesTest, IsKeptWithItsOrderOfTheClasses) {
  const fs::path trained =
      train_twice("sst2", "positive", "negative").cells.front().stages.at(1).folder / "model";
  nlohmann::json config = nlohmann::json::parse(io::read_file(trained / "config.json"));
  ASSERT_EQ(config.at("id2label").at("0"), "negative");
  config["id2label"] = {{"0", "POSITIVE"}, {"1", "NEGATIVE"}};
  config["label2id"] = {{"POSITIVE", 0}, {"NEGATIVE", 1}};
  io::write_file_atomically(trained / "config.json", config.dump());

  io::write_file_atomically(root_ / "swap.yaml",
                            "name: swap\nthreads: 1\n"
                            "data: {task: sst2, root: data, max_length: 16}\n"
                            "model: {from: " +
                                trained.string() +
                                "}\n"
                                "stages:\n  - {stage: finetune, id: again, steps: 1, groups: 4, "
                                "learning_rate: 0}\n  - {stage: evaluate}\n");
  const Summary summary = run(make_plan(load_definition(root_ / "swap.yaml", {}, *table_), *table_),
                              RunFolder(root_ / "swap"), {});
  const fs::path again = summary.cells.front().stages.at(0).folder / "model";
  expect_equal(trained, again);
  EXPECT_EQ(model::load_model(again)->config().label_names,
            (std::vector<std::string>{"positive", "negative"}));
}

TEST_F(StagesTest, RecordTheModelThatIsImitatedWithoutATeacher) {
  const CellSummary trained = run_in("run").cells.front();
  const fs::path file = root_ / "imitating.yaml";
  io::write_file_atomically(file, imitating_pipeline(io::read_file(file_)));
  const std::vector<std::string> stored = {
      "model.from=" + trained.model()->string(),
      "model.config=", "model.vocabulary=", "stages.imitation.teacher="};
  const Plan planned = make_plan(load_definition(file, stored, *table_), *table_);
  for (const auto& stage : planned.stages) {
    if (stage->id != "imitation") continue;
    EXPECT_EQ(stage->inputs.at("from")->id, "plain");
    EXPECT_THAT(
        stage->record.entries(),
        testing::Contains(testing::Field(&Record::Entry::name, "model.safetensors of model.from")));
    return;
  }
  FAIL() << "no stage 'imitation'";
}

TEST_F(StagesTest, RecordThePrecisionThatFastestIsOnThisMachine) {
  const auto key_of = [&](const std::string& precision) {
    return plan({"stages.teacher.precision=" + precision}).stages.front()->key;
  };
  const bool bfloat16 = io::bfloat16_is_faster();
  EXPECT_EQ(key_of("fastest"), key_of(bfloat16 ? "bfloat16" : "float32"));
  EXPECT_NE(key_of("fastest"), key_of(bfloat16 ? "float32" : "bfloat16"));
}

TEST_F(StagesTest, CheckTheParametersOfPluginsLikeTheirOwn) {
  EXPECT_THAT(error_of({"stages.prune.compressor.params.warmup_stesp=3"}),
              HasSubstr("unknown key 'warmup_stesp' in 'stages.prune.compressor.params' - did you "
                        "mean 'warmup_steps'?"));
  EXPECT_THAT(error_of({"stages.prune.compressor.params.temperature=-1"}),
              HasSubstr("stages.prune.compressor.params.temperature '-1' - expected a number from "
                        "0.01 to 10"));
  EXPECT_THAT(error_of({"stages.prune.compressor.method=cofy"}), HasSubstr("'cofi'"));
}

TEST_F(StagesTest, RefuseCombinationsThatCannotWork) {
  EXPECT_THAT(error_of({"stages.pretrain.objective=imitation"}),
              HasSubstr("stages.pretrain.objective 'imitation' without a model to imitate - "
                        "expected 'teacher: ID' of an earlier stage of one instance, or "
                        "model.from"));
  EXPECT_THAT(error_of({"stages.pretrain.skip_if={sparsity: 0.7}"}),
              HasSubstr("stages.pretrain.objective 'both' with multiplexer.instances 1 - expected "
                        "masked_lm"));
  EXPECT_THAT(error_of({"stages.prune.teacher="}),
              HasSubstr("stages.prune.compressor.method 'cofi' learns from a teacher - expected "
                        "'teacher: ID' of an earlier stage"));
  EXPECT_THAT(error_of({"stages.final.compressor="}),
              HasSubstr("stages.final.teacher 'teacher' without a compressor"));
  EXPECT_THAT(error_of({"data.max_length=33"}),
              HasSubstr("data.max_length '33' - expected at most 32: the model has no positions "
                        "for more tokens"));
  EXPECT_THAT(error_of({"stages.benchmark.length=33"}),
              HasSubstr("stages.benchmark.length '33' - expected at most 32"));
  EXPECT_THAT(error_of({"model.config.num_attention_heads=5"}),
              HasSubstr("model.config.num_attention_heads '5' - expected a divisor of hidden_size "
                        "32"));
  EXPECT_THAT(error_of({"model.from=/nowhere"}),
              HasSubstr("expected either 'from' (a model folder) or 'config'"));
  EXPECT_THAT(
      error_of({"stages.evaluate.isolate=true", "stages.evaluate.ensemble=2"}),
      HasSubstr("stages.evaluate.ensemble '2' with stages.evaluate.isolate - expected one of "
                "the two"));
  EXPECT_THAT(error_of({"multiplexer.method="}), HasSubstr("'multiplexer.method' is missing"));
  EXPECT_THAT(error_of({"stages.predict.candidates={instances: [1], sparsity: []}"}),
              HasSubstr("candidates.sparsity [] - expected at least one value"));
  EXPECT_THAT(error_of({"stages.evaluate={stage: export, id: a, to: out}",
                        "stages.benchmark={stage: export, id: b, to: ./out}"}),
              HasSubstr("/out' - expected a folder that no other export replaces"));
  EXPECT_THAT(error_of({"stages.evaluate={stage: export, id: a, to: out}",
                        "stages.benchmark={stage: export, id: b, to: out/b/}"}),
              HasSubstr("/out/b/' - expected a folder that no other export replaces"));
}

TEST_F(StagesTest, ScoreTheMeanOfSeveralGroupingsOfAnEnsemble) {
  RunOptions until;
  until.until = "evaluate";
  const Summary summary = run_in("run", until, {"stages.evaluate.ensemble=3", "seed=1"});
  const fs::path folder = *summary.cells[2].model();
  text::DatasetOptions rows;
  rows.max_length = 24;
  const text::Task& task = text::find_task("sst2");
  const auto held_out =
      text::Dataset::open(task, fs::path(PRUMUX_SOURCE_DIR) / "configs/sample/dev.tsv",
                          text::Tokenizer::load(folder), rows);
  runtime::EngineOptions ensemble;
  ensemble.ensemble = 3;
  ensemble.attended_length = 24;
  const std::shared_ptr<model::Model> model = model::load_model(folder);
  ASSERT_GT(model->num_instances(), 1);
  const auto score = [&](const std::vector<std::int64_t>& groupings) {
    return runtime::evaluate(model, ensemble, task, held_out, groupings);
  };
  double mean = 0.0;
  for (std::int64_t grouping = 1; grouping <= runtime::kUsualGroupings; ++grouping) {
    mean += score({grouping}).main_score / static_cast<double>(runtime::kUsualGroupings);
  }
  const auto usual = [&] {
    return score(runtime::groupings_of(*model, ensemble, runtime::kUsualGroupings));
  };
  EXPECT_NEAR(summary.cells[2].number("accuracy").value_or(0), mean, 1e-12);
  const auto result = usual();
  EXPECT_EQ(result.main_score, summary.cells[2].number("accuracy").value_or(0));
  EXPECT_GT(result.deviation, 0.0);
  // What is isolated has one result only.
  ensemble.ensemble = 1;
  ensemble.isolate = true;
  EXPECT_EQ(usual().groupings, 1);
}

TEST_F(StagesTest, StartFromFreshWeightsOfAnyFamily) {
  struct Family {
    std::string model_type;
    std::int64_t embedding_size;
    std::vector<std::string> settings;
  };
  const std::string byte_pairs = PRUMUX_TEST_DATA "/tokenizer/byte_pairs";
  const std::vector<Family> families = {
      {"roberta", 32, {"model.vocabulary=" + byte_pairs}},
      {"electra", 32, {}},
      {"electra", 16, {"model.config.embedding_size=16", "grid.instances.values=[1]"}}};
  RunOptions until;
  until.until = "evaluate";
  for (Family family : families) {
    const std::string name = family.model_type + std::to_string(family.embedding_size);
    family.settings.push_back("model.config.model_type=" + family.model_type);
    const Summary summary = run_in(name, until, family.settings);
    for (const CellSummary& cell : summary.cells) {
      ASSERT_TRUE(cell.model()) << name;
      const auto config = model::ModelConfig::load(*cell.model());
      EXPECT_EQ(config.encoder.model_type, family.model_type);
      EXPECT_EQ(config.encoder.embedding_size, family.embedding_size);
      EXPECT_TRUE(cell.number("accuracy")) << name;
      const auto kind = text::Tokenizer::load(*cell.model()).settings().kind;
      EXPECT_EQ(kind == text::TokenizerKind::byte_pairs, family.model_type == "roberta");
    }
    EXPECT_NEAR(summary.cells.back().number("sparsity").value_or(0), 0.5, 0.05) << name;
  }
}

/// Losses that a training stage has written down, in order.
std::vector<double> logged_losses(const fs::path& stage) {
  std::istringstream lines(io::read_file(stage / "metrics.jsonl"));
  std::vector<double> losses;
  for (std::string line; std::getline(lines, line);) {
    const auto entry = nlohmann::json::parse(line);
    if (entry.contains("loss")) losses.push_back(entry.at("loss").get<double>());
  }
  return losses;
}

TEST_F(StagesTest, TeachPlainModelsOfAnyFamilyWords) {
  RunOptions until;
  until.until = "pretrain";
  for (const std::string family : {"bert", "roberta", "electra"}) {
    const Summary summary =
        run_in(family, until,
               {"model.config.model_type=" + family, "grid.instances.values=[1]",
                "stages.pretrain.skip_if={}", "stages.pretrain.objective=masked_lm",
                "stages.pretrain.steps=40", "stages.pretrain.learning_rate=5e-3"});
    const std::vector<double> losses = logged_losses(summary.cells[0].stages.at(0).folder);
    ASSERT_GE(losses.size(), 2U) << family;
    EXPECT_LT(losses.back(), 0.9 * losses.front()) << family;
  }
}

TEST_F(StagesTest, RefuseEmbeddingsOfAnotherWidthThanTheFamilyHas) {
  EXPECT_THAT(error_of({"model.config.embedding_size=16"}),
              HasSubstr("--set model.config.embedding_size=16: model.config.embedding_size '16' - "
                        "expected hidden_size 32, or model_type electra"));
  EXPECT_THAT(error_of({"model.config.model_type=gpt"}), HasSubstr("gpt"));
}

TEST_F(StagesTest, NameWhatIsMissing) {
  EXPECT_THAT(error_of({"data.train=none.tsv"}), HasSubstr("--set data.train=none.tsv: data.train: "
                                                           "cannot read '"));
  EXPECT_THAT(error_of({"data.root=", "data.train="}),
              HasSubstr("cannot read '" PRUMUX_SOURCE_DIR "/tests/data/pipelines/train.tsv'"));
  EXPECT_THAT(error_of({"stages.predict={stage: tune, max_loss: 0.05}",
                        "stages.benchmark={stage: evaluate, id: again}"}),
              HasSubstr("tune goes by throughputs - expected a 'benchmark' stage before it"));
  EXPECT_THAT(error_of({"stages.predict.max_loss=[]"}),
              HasSubstr("max_loss [] - expected at least one value"));
  EXPECT_THAT(error_of({"data.corpus="}), HasSubstr("pretrain needs 'data.corpus'"));
  EXPECT_THAT(error_of({"data.task="}), HasSubstr("'data.task' is missing - expected one of "));
}

TEST_F(StagesTest, ReportOnlyTheMethodThatIsMissing) {
  const std::string problem = error_of({"stages.prune.compressor.method="});
  EXPECT_THAT(problem, HasSubstr("'stages.prune.compressor.method' is missing"));
  EXPECT_THAT(problem, testing::Not(HasSubstr("warmup_steps")));
}

TEST_F(StagesTest, CheckTheMultiplexerOfAStageOfSeveralInstances) {
  const std::vector<std::string> plain = {"grid.instances.values=[1]", "stages.final.instances=2"};
  const auto error_with = [&](const std::string& more) {
    std::vector<std::string> overrides = plain;
    overrides.push_back(more);
    return error_of(overrides);
  };
  EXPECT_THAT(error_with("multiplexer.method="), HasSubstr("stages.final.instances '2': "));
  EXPECT_THAT(error_with("multiplexer.method=no_such_method"), HasSubstr("no_such_method"));
  EXPECT_THAT(error_with("multiplexer.params={norm: 1}"),
              HasSubstr("unknown key 'norm' in 'multiplexer.params'"));
  EXPECT_THAT(error_with("stages.final.instances=65"), HasSubstr("from 1 to 64"));
  const Plan planned = plan(plain);
  EXPECT_TRUE(planned.stages.front()->pipeline.at("multiplexer").has("params"));
}

TEST_F(StagesTest, ExportToNoFolderOfTheModelThatTheyStartFrom) {
  RunOptions until;
  until.until = "teacher";
  const Summary trained = run_in("run", until, {"grid.instances.values=[1]"});
  const fs::path model = root_ / "exported" / "x";
  fs::create_directories(model.parent_path());
  fs::copy(*trained.cells.front().model(), model);
  io::write_file_atomically(model / "exported_by_prumux.json", "{}");
  io::write_file_atomically(root_ / "p.yaml",
                            "name: again\nthreads: 1\ndata: {task: sst2, root: " PRUMUX_SOURCE_DIR
                            "/configs/sample, max_length: 24}\nmodel: {from: exported/x}\n"
                            "stages:\n  - {stage: finetune, steps: 1, groups: 4}\n"
                            "  - {stage: export, to: elsewhere}\n");
  const auto planned = [&](const fs::path& to) {
    return make_plan(
        load_definition(root_ / "p.yaml", {"stages.export.to=" + (root_ / to).string()}, *table_),
        *table_);
  };
  for (const char* to : {"exported/x", "exported/x/", "exported", "exported/x/inside"}) {
    try {
      planned(to);
      ADD_FAILURE() << to;
    } catch (const ConfigError& problem) {
      EXPECT_THAT(problem.what(), HasSubstr("expected a folder apart from that of model.from"));
    }
  }
  EXPECT_NO_THROW(planned("exported/y"));
}

TEST_F(StagesTest, DoWithoutTheMultiplexerForOneInstance) {
  const Plan plain = plan({"grid.instances.values=[1]", "multiplexer.method=no_such_method"});
  EXPECT_EQ(plain.cells.size(), 2U);
  EXPECT_THAT(error_of({"multiplexer.method=no_such_method"}), HasSubstr("no_such_method"));
}

}  // namespace
}  // namespace prumux::pipeline
