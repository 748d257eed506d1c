#include "core/pipeline/stages/stage_context.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <numeric>
#include <span>

#include "core/pipeline/stages/data_files.h"
#include "core/pipeline/stages/models.h"
#include "core/text/collate.h"
#include "core/text/labels.h"
#include "prumux/error.h"

namespace prumux::pipeline {
namespace {

class JobModel : public StageModel {
 public:
  explicit JobModel(TokenModel model) : model_(std::move(model)) { model_.model->eval(); }

  const EncoderConfig& encoder() const override { return model_.model->config().encoder; }
  std::int64_t num_instances() const override { return model_.model->num_instances(); }
  NamedTensors parameters() const override { return model_.model->checkpoint_parameters(); }

  void set_training(bool training) override { model_.model->train(training); }

  ForwardRecord forward(const LabelledRows& rows, const StructureMasks& masks,
                        bool hidden_states) override {
    masks.check(encoder());
    model::ForwardOptions options;
    options.masks = &masks;
    options.hidden_states = hidden_states;
    return model_.model->forward({rows.input_ids, rows.attention_mask, rows.token_type_ids},
                                 options);
  }

  void prune(const PrunePlan& plan) override { model_.model->prune(plan); }

  const TokenModel& token_model() const { return model_; }

 private:
  TokenModel model_;
};

/// The names of the classes of the model that the stage reads, in its order.
std::vector<std::string> model_labels(const StageJob& job, bool reads_model) {
  const auto labels = [](const std::filesystem::path& folder) {
    return model::ModelConfig::load(folder).label_names;
  };
  for (const char* port : {"from", "teacher"}) {
    const auto input = job.inputs.find(port);
    if (input != job.inputs.end()) return labels(input->second / "model");
  }
  const config::Value* from = job.pipeline.at("model").find("from");
  return reads_model && from != nullptr ? labels(from->path()) : std::vector<std::string>();
}

/// Under these names results go into the table of cells.
void add_numbers(const nlohmann::json& from, std::map<std::string, double>& to) {
  if (!from.is_object()) return;
  for (const auto& [name, value] : from.items()) {
    if (value.is_number()) to[name] = value.get<double>();
  }
}

}  // namespace

void JobContext::require(PrumuxCapability capability, const char* function) const {
  if ((capabilities_ & capability) != 0) return;
  throw PluginError(
      fmt::format("it calls {}, which the capabilities in its descriptor do not "
                  "announce",
                  function));
}

std::int64_t JobContext::seed() const { return job_.pipeline.at("seed").integer(); }

std::shared_ptr<StageModel> JobContext::model() {
  require(PRUMUX_READS_MODEL, "StageContext::model");
  return std::make_shared<JobModel>(start_model(job_));
}

std::shared_ptr<StageModel> JobContext::teacher() {
  require(PRUMUX_NEEDS_TEACHER, "StageContext::teacher");
  return std::make_shared<JobModel>(
      TokenModel{input_model(job_, "teacher"), start_tokenizer(job_.pipeline)});
}

void JobContext::save(const StageModel& model) {
  require(PRUMUX_WRITES_MODEL, "StageContext::save");
  const auto* own = dynamic_cast<const JobModel*>(&model);
  if (own == nullptr) throw PluginError("it saves a model that is not of its context");
  pipeline::save(own->token_model(), job_.folder);
  saved_ = true;
}

const text::Tokenizer& JobContext::tokenizer() {
  if (!tokenizer_) tokenizer_ = start_tokenizer(job_.pipeline);
  return *tokenizer_;
}

void JobContext::read(DataSplit split, std::int64_t rows,
                      const std::function<void(const LabelledRows&)>& consume) {
  const bool training = split == DataSplit::training;
  require(training ? PRUMUX_READS_TRAINING_DATA : PRUMUX_READS_HELD_OUT_DATA, "StageContext::read");
  if (rows < 1) throw PluginError(fmt::format("it reads {} rows at a time", rows));
  const char* name = training ? "train" : "dev";
  text::Dataset dataset = open_task_data(job_.pipeline, name, tokenizer());
  const auto labels = model_labels(job_, (capabilities_ & PRUMUX_READS_MODEL) != 0);
  // A model of another task has classes of its own, which say nothing about these.
  if (labels != dataset.label_names() && labels.size() == dataset.label_count() &&
      text::labels_fit(labels, dataset.label_names())) {
    dataset = open_task_data(job_.pipeline, name, tokenizer(), labels);
  }
  std::vector<std::uint32_t> order(dataset.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto step = static_cast<std::size_t>(rows);
  for (std::size_t begin = 0; begin < order.size(); begin += step) {
    const text::Batch batch = text::collate(
        dataset, std::span(order).subspan(begin, std::min(step, order.size() - begin)));
    consume({batch.input_ids, batch.attention_mask, batch.token_type_ids, batch.labels});
  }
}

std::vector<CellResult> JobContext::cells() const {
  std::vector<CellResult> cells;
  for (const CellSummary& summary : job_.summary.cells) {
    CellResult cell;
    for (const auto& [name, value] : summary.variables) cell.variables[name] = value;
    for (const StageResult& stage : summary.stages) add_numbers(stage.numbers, cell.numbers);
    // Those of an earlier model of the cell are not the cell's.
    for (const char* name : {"accuracy", "throughput"}) {
      cell.numbers.erase(name);
      if (const auto number = summary.number(name)) cell.numbers[name] = *number;
    }
    cells.push_back(std::move(cell));
  }
  return cells;
}

void JobContext::log(const std::string& line) { spdlog::info("[{}] {}", job_.id, line); }

void JobContext::at_step(std::int64_t step) {
  step_ = step;
  if (job_.stop_requested && job_.stop_requested()) {
    throw Interrupted("interrupted; the same command runs the stage again");
  }
}

}  // namespace prumux::pipeline
