#include "core/conformance/sample_context.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

#include "core/conformance/expectations.h"
#include "core/conformance/sample.h"
#include "prumux/error.h"

namespace prumux::conformance {
namespace {

constexpr std::int64_t kSeed = 7;
constexpr std::int64_t kRows = 20;
constexpr std::int64_t kLength = 9;

class SampleStageModel : public StageModel {
 public:
  explicit SampleStageModel(std::uint64_t seed) : model_(sample_model(seed)) {}

  const EncoderConfig& encoder() const override { return model_->config().encoder; }
  std::int64_t num_instances() const override { return 1; }
  NamedTensors parameters() const override { return model_->checkpoint_parameters(); }
  void set_training(bool training) override { model_->train(training); }

  ForwardRecord forward(const LabelledRows& rows, const StructureMasks& masks,
                        bool hidden_states) override {
    masks.check(encoder());
    model::ForwardOptions options;
    options.masks = &masks;
    options.hidden_states = hidden_states;
    return model_->forward({rows.input_ids, rows.attention_mask, rows.token_type_ids}, options);
  }

  void prune(const PrunePlan& plan) override { model_->prune(plan); }

  TensorMap state() const {
    TensorMap copy;
    for (const auto& [name, tensor] : model_->state()) copy[name] = tensor.detach().clone();
    return copy;
  }

 private:
  std::shared_ptr<model::Model> model_;
};

}  // namespace

SampleContext::SampleContext(std::uint32_t capabilities, std::filesystem::path folder, int stop_at)
    : capabilities_(capabilities), folder_(std::move(folder)), stop_at_(stop_at) {}

void SampleContext::require(PrumuxCapability capability, const char* function) const {
  expect((capabilities_ & capability) != 0,
         "it calls StageContext::{}, which the capabilities in its descriptor do not announce",
         function);
}

std::int64_t SampleContext::seed() const { return kSeed; }

std::shared_ptr<StageModel> SampleContext::model() {
  require(PRUMUX_READS_MODEL, "model");
  return std::make_shared<SampleStageModel>(kSeed + 1);
}

std::shared_ptr<StageModel> SampleContext::teacher() {
  require(PRUMUX_NEEDS_TEACHER, "teacher");
  return std::make_shared<SampleStageModel>(kSeed + 2);
}

void SampleContext::save(const StageModel& model) {
  require(PRUMUX_WRITES_MODEL, "save");
  const auto* own = dynamic_cast<const SampleStageModel*>(&model);
  expect(own != nullptr, "it saves a model that is not of its context");
  saved_state_ = own->state();
  ++saves_;
}

void SampleContext::read(DataSplit split, std::int64_t rows,
                         const std::function<void(const LabelledRows&)>& consume) {
  const bool training = split == DataSplit::training;
  require(training ? PRUMUX_READS_TRAINING_DATA : PRUMUX_READS_HELD_OUT_DATA, "read");
  expect(rows >= 1, "it reads {} rows at a time", rows);
  const text::Batch all = sample_batch(kRows, kLength, training ? 0 : 1);
  for (std::int64_t begin = 0; begin < kRows; begin += rows) {
    const std::int64_t end = std::min(begin + rows, kRows);
    consume({all.input_ids.slice(0, begin, end), all.attention_mask.slice(0, begin, end),
             all.token_type_ids.slice(0, begin, end), all.labels.slice(0, begin, end)});
  }
}

std::vector<CellResult> SampleContext::cells() const {
  std::vector<CellResult> cells;
  for (const double instances : {1.0, 2.0}) {
    for (const double sparsity : {0.0, 0.5}) {
      cells.push_back(
          {{{"instances", fmt::format("{}", instances)}, {"sparsity", fmt::format("{}", sparsity)}},
           {{"accuracy", 0.9 - 0.02 * instances - 0.05 * sparsity},
            {"throughput", 100.0 * instances / (1.0 - sparsity)},
            {"sparsity", sparsity}}});
    }
  }
  return cells;
}

void SampleContext::at_step(std::int64_t /*step*/) {
  if (++steps_ == stop_at_) throw Interrupted("interrupted");
}

}  // namespace prumux::conformance
