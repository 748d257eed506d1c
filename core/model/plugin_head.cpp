#include "core/model/plugin_head.h"

#include <ATen/ATen.h>
#include <spdlog/fmt/fmt.h>

#include "core/model/plugin_result.h"
#include "core/plugin/call_plugin.h"
#include "core/plugin/registry.h"
#include "prumux/error.h"

namespace prumux::model {
namespace {

constexpr const char* kPrefix = "head.";
constexpr const char* kKept = "head_features.kept";

template <typename Work>
auto call(const std::string& who, const char* function, const Work& work) {
  return plugin::call_plugin([&] { return who + " failed in " + function; }, work);
}

NamedTensors prefixed(const torch::OrderedDict<std::string, at::Tensor>& tensors) {
  NamedTensors named;
  for (const auto& entry : tensors) {
    if (entry.value().defined()) named.emplace_back(kPrefix + entry.key(), entry.value());
  }
  return named;
}

void check_kept(const at::Tensor& kept, std::int64_t hidden_size) {
  const bool fits = kept.scalar_type() == at::kLong && kept.dim() == 1 &&
                    kept.ge(0).logical_and(kept.lt(hidden_size)).all().item<bool>() &&
                    kept.diff().gt(0).all().item<bool>();
  if (fits) return;
  throw DataError(
      fmt::format("tensor '{}': expected ascending dimensions of 0 to {}", kKept, hidden_size - 1));
}

}  // namespace

PluginHead::PluginHead(const HeadMethod& method, const HeadArguments& arguments)
    : hidden_size_(arguments.encoder.hidden_size), num_labels_(arguments.num_labels) {
  plugin::Registry& registry = plugin::Registry::instance();
  who_ = plugin::describe(registry.find(PRUMUX_HEAD, method.method));
  head_ = register_module("head", registry.make_head(method.method, arguments));
  read_positions_ = call(who_, "read_positions", [&] { return head_->read_positions(); });
  if (read_positions_ < 0) {
    throw PluginError(fmt::format("{} failed in read_positions: it returned {}, expected 0 or more",
                                  who_, read_positions_));
  }
}

at::Tensor PluginHead::forward(const at::Tensor& features, const at::Tensor& attention_mask) const {
  const at::Tensor whole =
      kept_.defined() ? restore_last_dimension(features, {kept_, {}}, hidden_size_) : features;
  const at::Tensor logits =
      call(who_, "forward", [&] { return head_->forward(whole, attention_mask); });
  const std::vector<std::int64_t> shape = {features.size(0), num_labels_};
  if (!has_shape(logits, shape)) fail_result(who_, "forward", logits, shape);
  return logits;
}

std::vector<std::string> PluginHead::load(StateReader& state, std::int64_t features) {
  at::Tensor kept;
  if (features != hidden_size_) {
    // A fresh head has no preference.
    kept = state.contains(kKept) ? state.find_raw(kKept) : at::arange(features);
    check_kept(kept, hidden_size_);
    if (kept.size(0) != features) fail_shape(kKept, kept.sizes(), shape_text({features}));
  }
  kept_ = kept;
  std::vector<std::string> missing;
  const auto take = [&](const NamedTensors& tensors) {
    for (const auto& [name, tensor] : tensors) {
      if (!state.contains(name)) {
        missing.push_back(name);
        continue;
      }
      const at::NoGradGuard no_gradient;
      const at::Tensor stored = state.find_raw(name);
      if (stored.sizes() != tensor.sizes()) {
        fail_shape(name, stored.sizes(), shape_text(tensor.sizes()));
      }
      at::Tensor target = tensor;
      target.copy_(stored);
    }
  };
  take(prefixed(head_->named_parameters()));
  take(prefixed(head_->named_buffers()));
  return missing;
}

void PluginHead::prune_features(const UnitSelection& hidden) {
  kept_ = kept_.defined() ? kept_.index_select(0, hidden.kept) : hidden.kept;
}

NamedTensors PluginHead::named_tensors() const { return prefixed(head_->named_parameters()); }

NamedTensors PluginHead::constant_tensors() const {
  NamedTensors tensors = prefixed(head_->named_buffers());
  if (kept_.defined()) tensors.emplace_back(kKept, kept_);
  return tensors;
}

}  // namespace prumux::model
