#include "core/runtime/engine.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/runtime/schedule.h"
#include "core/train/autocast.h"
#include "prumux/error.h"

namespace prumux::runtime {
namespace {

/// Evaluation mode while it lives.
class EvaluationMode {
 public:
  explicit EvaluationMode(model::Model& model) : model_(model), was_training_(model.is_training()) {
    model_.eval();
  }
  EvaluationMode(const EvaluationMode&) = delete;
  EvaluationMode& operator=(const EvaluationMode&) = delete;
  ~EvaluationMode() { model_.train(was_training_); }

 private:
  model::Model& model_;
  bool was_training_;
};

void check_finite(const at::Tensor& logits) {
  const at::Tensor wrong = logits.isfinite().logical_not().any(1).nonzero();
  if (wrong.size(0) == 0) return;
  throw NumericError("the model's outputs for " + std::to_string(wrong.size(0)) + " of " +
                     std::to_string(logits.size(0)) +
                     " rows are no finite numbers, first for row " +
                     std::to_string(wrong[0].item<std::int64_t>() + 1) +
                     "; its weights are damaged, or its training diverged");
}

}  // namespace

Engine::Engine(std::shared_ptr<model::Model> model, const EngineOptions& options)
    : model_(std::move(model)), options_(options) {
  const auto& multiplexer = model_->config().multiplexer;
  if (multiplexer && multiplexer->padding == PaddingSemantics::attended && !options_.pad_length) {
    options_.pad_length = options_.attended_length;
  }
}

at::Tensor Engine::logits(const text::Batch& batch) const {
  const c10::InferenceMode inference;
  const EvaluationMode evaluation(*model_);
  const train::Autocast autocast(options_.precision);
  const ForwardRecord record =
      model_->forward({batch.input_ids, batch.attention_mask, batch.token_type_ids});
  return record.logits.to(at::kFloat);
}

at::Tensor Engine::logits(const RowSource& rows) const {
  const std::vector<std::uint32_t> lengths = rows.lengths();
  ScheduleOptions schedule;
  schedule.num_instances = model_->num_instances();
  schedule.groups_per_batch = options_.groups_per_batch;
  schedule.isolate = options_.isolate;
  // Padded to one length there is nothing to gain from sorting, and references go by input order.
  schedule.sort_by_length = !options_.pad_length.has_value();

  const c10::InferenceMode inference;
  const auto row_count = static_cast<std::int64_t>(lengths.size());
  at::Tensor result = at::zeros({row_count, model_->config().num_labels});
  for (const std::vector<std::uint32_t>& batch : schedule_rows(lengths, schedule)) {
    const at::Tensor index =
        at::tensor(std::vector<std::int64_t>(batch.begin(), batch.end()), at::kLong);
    // A row that occurs N times gets the mean of its N results.
    result.index_add_(0, index, logits(rows.collate(batch, options_.pad_length)));
  }
  check_finite(result);
  return options_.isolate ? result.div_(model_->num_instances()) : result;
}

}  // namespace prumux::runtime
