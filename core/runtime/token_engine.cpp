#include "core/runtime/token_engine.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <spdlog/fmt/fmt.h>

#include <optional>
#include <utility>

#include "core/model/evaluation_mode.h"
#include "core/runtime/schedule.h"
#include "core/train/autocast.h"
#include "prumux/error.h"

namespace prumux::runtime {
namespace {

bool pads_are_tokens(const model::Model& model) {
  return model.multiplexer() && model.multiplexer()->padding() == PaddingSemantics::attended;
}

}  // namespace

TokenEngine::TokenEngine(std::shared_ptr<model::Model> model, const EngineOptions& options)
    : model_(std::move(model)), options_(options) {
  if (model_->config().head != model::HeadKind::token) {
    throw ConfigError(
        "this model does not label words; fine-tune one for the task ner or pos, or name the task "
        "that it was made for");
  }
  if (options.precision != Precision::float32 && options.precision != Precision::bfloat16) {
    throw ConfigError(fmt::format("words are labelled in float32 or bfloat16, not in {}",
                                  name_of(options.precision)));
  }
}

std::vector<at::Tensor> TokenEngine::logits(const RowSource& rows) const {
  const c10::InferenceMode inference;
  const model::EvaluationMode evaluation(*model_);
  const std::vector<std::uint32_t> lengths = rows.lengths();
  ScheduleOptions schedule;
  schedule.num_instances = model_->num_instances();
  schedule.groups_per_batch = options_.groups_per_batch;
  schedule.isolate = options_.isolate;
  schedule.ensemble = options_.ensemble;
  std::optional<std::size_t> length;
  if (pads_are_tokens(*model_)) {
    length = options_.attended_length;
    schedule.sort_by_length = false;  // Nothing to gain; references go by the order of the input.
  }

  std::vector<at::Tensor> sums(lengths.size());
  std::vector<double> counts(lengths.size(), 0.0);
  for (const std::vector<std::uint32_t>& batch : schedule_rows(lengths, schedule)) {
    const text::Batch inputs = rows.collate(batch, length);
    at::Tensor logits;
    {
      const train::Autocast autocast(options_.precision == Precision::bfloat16
                                         ? train::Precision::bfloat16
                                         : train::Precision::float32);
      logits = model_->forward({inputs.input_ids, inputs.attention_mask, inputs.token_type_ids})
                   .logits.to(at::kFloat);
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const std::uint32_t row = batch[i];
      const at::Tensor own = logits[static_cast<std::int64_t>(i)].narrow(0, 0, lengths[row]);
      sums[row] = sums[row].defined() ? sums[row] + own : own.clone();
      counts[row] += 1.0;
    }
  }
  for (std::size_t row = 0; row < sums.size(); ++row) {
    // A row that occurs several times gets the mean of its results.
    sums[row].div_(counts[row]);
    if (!sums[row].isfinite().all().item<bool>()) {
      throw NumericError(fmt::format(
          "the model's outputs for row {} are no finite numbers; its weights are damaged, or its "
          "training diverged",
          row + 1));
    }
  }
  return sums;
}

}  // namespace prumux::runtime
