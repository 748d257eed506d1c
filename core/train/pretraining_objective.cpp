#include "core/train/pretraining_objective.h"

#include <torch/types.h>

#include <utility>

#include "core/train/autocast.h"
#include "core/train/task_objective.h"
#include "prumux/error.h"

namespace prumux::train {

PretrainingObjective::PretrainingObjective(std::shared_ptr<model::Model> model,
                                           const PretrainingOptions& options, Precision precision)
    : model_(std::move(model)), options_(options), precision_(precision) {
  if (options.retrieval_coefficient <= 0 && options.masked_lm_coefficient <= 0)
    throw ConfigError(
        "pretraining needs a positive coefficient: of retrieval, of masked language modelling, or "
        "of both");
  model_->ensure_vocabulary_head();
}

NamedTensors PretrainingObjective::parameters() { return model_->checkpoint_parameters(); }

void PretrainingObjective::set_training(bool training) { model_->train(training); }

at::Tensor PretrainingObjective::loss(const text::Batch& batch, std::int64_t /*step*/) {
  metrics_.clear();
  model::EncodedGroups encoded;
  {
    const Autocast autocast(precision_);
    encoded = model_->encode(model_inputs(batch), {});
  }
  const std::int64_t prefix_length = encoded.rows.input_ids.size(1) - batch.input_ids.size(1);
  at::Tensor total = at::zeros({});
  if (options_.retrieval_coefficient > 0)
    total =
        total + options_.retrieval_coefficient *
                    term("retrieval", encoded, draw_retrieval_targets(encoded.rows, prefix_length));
  if (options_.masked_lm_coefficient > 0)
    total =
        total + options_.masked_lm_coefficient *
                    term("masked_lm", encoded,
                         masked_lm_targets(batch.labels, model_->num_instances(), prefix_length));
  return total;
}

VocabularyTargets PretrainingObjective::draw_retrieval_targets(const TokenRows& rows,
                                                               std::int64_t prefix_length) const {
  const std::int64_t instances = model_->num_instances();
  const std::int64_t groups = rows.input_ids.size(0) / instances;
  const std::int64_t length = rows.input_ids.size(1);
  const at::Tensor labels = at::randint(instances, {groups, length}, at::kLong);

  at::Tensor kept;
  const auto& multiplexer = model_->multiplexer();
  if (!multiplexer || multiplexer->padding() == PaddingSemantics::masked)
    kept = rows.attention_mask.view({groups, instances, length})
               .gather(1, labels.unsqueeze(1))
               .squeeze(1)
               .to(at::kBool);
  if (options_.retrieval_percentage < 1.0) {
    const at::Tensor drawn = at::rand({groups, length}).lt(options_.retrieval_percentage);
    kept = kept.defined() ? kept.logical_and(drawn) : drawn;
  }
  return retrieval_targets(rows, labels, instances, prefix_length, kept);
}

at::Tensor PretrainingObjective::term(const std::string& name, const model::EncodedGroups& encoded,
                                      const VocabularyTargets& targets) {
  // Without a target the term is a zero that still has a gradient.
  if (targets.targets.numel() == 0) return encoded.hidden_states.back().sum().to(at::kFloat) * 0.0;
  at::Tensor logits;
  {
    const Autocast autocast(precision_);
    logits = model_->vocabulary_logits(encoded, targets.selection);
  }
  const at::Tensor loss = at::cross_entropy_loss(logits.to(at::kFloat), targets.targets);
  metrics_[name + "_loss"] = loss.item<double>();
  if (!model_->is_training())
    metrics_[name + "_accuracy"] =
        logits.argmax(1).eq(targets.targets).to(at::kDouble).mean().item<double>();
  return loss;
}

}  // namespace prumux::train
