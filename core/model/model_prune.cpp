#include <ATen/ATen.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <functional>

#include "core/model/encoder.h"
#include "core/model/model.h"
#include "core/model/multiplexer_call.h"
#include "core/model/selection.h"
#include "core/model/task_head.h"
#include "core/model/vocabulary_head.h"
#include "prumux/error.h"

namespace prumux::model {
namespace {

/// Throws when `kept` are not ascending units of 0..`count`-1, or their factors are not as many.
void check_units(const std::string& what, const std::vector<std::int64_t>& kept,
                 const std::vector<double>& scales, std::int64_t count) {
  const bool ascending = std::is_sorted(kept.begin(), kept.end(), std::less_equal<>());
  const bool inside = kept.empty() || (kept.front() >= 0 && kept.back() < count);
  if (ascending && inside && kept.size() == scales.size()) return;
  throw DataError(
      fmt::format("the prune plan does not fit {}: expected ascending units of 0 to {}, "
                  "one factor for each",
                  what, count - 1));
}

void check_plan(const PrunePlan& plan, const Encoder& encoder) {
  if (plan.layers.size() != encoder.layers().size()) {
    throw DataError(fmt::format("the prune plan has {} layers, the model has {}",
                                plan.layers.size(), encoder.layers().size()));
  }
  for (std::size_t index = 0; index < plan.layers.size(); ++index) {
    const LayerPlan& part = plan.layers[index];
    const Layer& layer = encoder.layers()[index];
    if (layer.attention && part.attention_present) {
      const std::int64_t rows = layer.attention->query.weight.size(0);
      check_units(fmt::format("the heads of layer {}", index), part.heads, part.head_scales,
                  rows / encoder.config().head_size());
    }
    if (layer.feed_forward && part.mlp_present) {
      check_units(fmt::format("the intermediate dimensions of layer {}", index), part.intermediate,
                  part.intermediate_scales, layer.feed_forward->intermediate.weight.size(0));
    }
  }
  check_units("the hidden dimensions", plan.hidden, plan.hidden_scales, encoder.width());
  if (plan.hidden.empty()) throw DataError("the prune plan keeps no hidden dimension");
}

/// The heads, counted as in the dense model, that `config` does not list as pruned.
std::vector<std::int64_t> remaining_heads(const nlohmann::json& config, std::size_t layer,
                                          std::int64_t count) {
  std::vector<bool> gone(static_cast<std::size_t>(count), false);
  const auto pruned = config.find("pruned_heads");
  if (pruned != config.end() && pruned->is_object()) {
    const auto heads = pruned->find(std::to_string(layer));
    if (heads != pruned->end() && heads->is_array()) {
      for (const nlohmann::json& head : *heads) {
        if (!head.is_number_integer()) continue;
        const auto number = head.get<std::int64_t>();
        if (number >= 0 && number < count) gone[static_cast<std::size_t>(number)] = true;
      }
    }
  }
  std::vector<std::int64_t> remaining;
  for (std::int64_t head = 0; head < count; ++head) {
    if (!gone[static_cast<std::size_t>(head)]) remaining.push_back(head);
  }
  return remaining;
}

/// Records the removed heads in the field that Hugging Face and the references have for them.
void record_pruned_heads(nlohmann::json& config, const PrunePlan& plan, std::int64_t count) {
  nlohmann::json record = nlohmann::json::object();
  for (std::size_t layer = 0; layer < plan.layers.size(); ++layer) {
    const std::vector<std::int64_t> before = remaining_heads(config, layer, count);
    std::vector<bool> kept(static_cast<std::size_t>(count), false);
    if (plan.layers[layer].attention_present) {
      for (const std::int64_t head : plan.layers[layer].heads) {
        const auto position = static_cast<std::size_t>(head);
        if (position < before.size()) kept[static_cast<std::size_t>(before[position])] = true;
      }
    }
    nlohmann::json removed = nlohmann::json::array();
    for (std::int64_t head = 0; head < count; ++head) {
      if (!kept[static_cast<std::size_t>(head)]) removed.push_back(head);
    }
    if (!removed.empty()) record[std::to_string(layer)] = removed;
  }
  config["pruned_heads"] = record;
}

}  // namespace

void Model::prune(const PrunePlan& plan) {
  check_plan(plan, *encoder_);
  const at::NoGradGuard no_gradient;
  const StructureSelection selection = StructureSelection::of(plan);
  const bool hidden_changes =
      selection.hidden.scales.defined() || selection.hidden.kept.size(0) != encoder_->width();
  if (hidden_changes && multiplexer_) {
    call_multiplexer(*config_.multiplexer, "prune_hidden", [&] {
      multiplexer_->prune_hidden(selection.hidden.kept, at::tensor(plan.hidden_scales, at::kFloat));
    });
  } else if (hidden_changes) {
    if (vocabulary_head_) {
      vocabulary_head_->untie(encoder_->embeddings().word);
      vocabulary_head_->prune_features(selection.hidden);
    }
    if (!config_.wants_pooler()) head().prune_features(selection.hidden);
  }
  encoder_->prune(selection, multiplexer_ != nullptr);
  record_pruned_heads(config_.source, plan, config_.encoder.num_attention_heads);
}

void Model::factorise(const std::map<std::string, std::int64_t>& ranks) {
  if (!ranks.empty()) encoder_->factorise(ranks);
}

}  // namespace prumux::model
