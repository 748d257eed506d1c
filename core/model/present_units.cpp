#include "core/model/present_units.h"

#include <ATen/ATen.h>
#include <spdlog/fmt/fmt.h>

#include <vector>

#include "core/model/encoder.h"
#include "prumux/error.h"

namespace prumux::model {
namespace {

/// counts [L] -> [L, n], ones for the first so many units of each row.
at::Tensor first_units(const std::vector<std::int64_t>& counts, std::int64_t n) {
  return at::arange(n).lt(at::tensor(counts, at::kLong).unsqueeze(1)).to(at::kFloat);
}

/// All the units that the model has.
StructureMasks present_units(const Encoder& encoder) {
  const EncoderConfig& config = encoder.config();
  std::vector<std::int64_t> heads;
  std::vector<std::int64_t> intermediate;
  std::vector<float> attention_present;
  std::vector<float> feed_forward_present;
  for (const Layer& layer : encoder.layers()) {
    heads.push_back(layer.attention ? layer.attention->query.weight.size(0) / config.head_size()
                                    : 0);
    intermediate.push_back(layer.feed_forward ? layer.feed_forward->intermediate.weight.size(0)
                                              : 0);
    attention_present.push_back(layer.attention ? 1.0F : 0.0F);
    feed_forward_present.push_back(layer.feed_forward ? 1.0F : 0.0F);
  }
  StructureMasks masks;
  masks.head = first_units(heads, config.num_attention_heads);
  masks.head_layer = at::tensor(attention_present);
  masks.intermediate = first_units(intermediate, config.intermediate_size);
  masks.mlp = at::tensor(feed_forward_present);
  masks.hidden = first_units({encoder.width()}, config.hidden_size)[0];
  return masks;
}

/// Throws when `mask` [.., n] keeps a unit where `present` [.., n] has none. Rows of blocks that
/// are not there have no units to keep.
void check_units(const char* name, const at::Tensor& mask, const at::Tensor& present) {
  const at::Tensor rows =
      present.dim() == 2 ? present.select(1, 0).ne(0).unsqueeze(1) : at::ones({1}, at::kBool);
  const at::Tensor wrong = (mask.ne(0) & present.eq(0) & rows).nonzero();
  if (wrong.size(0) == 0) return;
  const bool in_layer = wrong.size(1) == 2;
  const std::int64_t unit = wrong[0][-1].item<std::int64_t>();
  const at::Tensor units = in_layer ? present[wrong[0][0].item<std::int64_t>()] : present;
  throw DataError(fmt::format(
      "mask '{}' keeps unit {}{}, but the pruned model has {} there: masks count the units that "
      "the model has now, and the rest of a row is 0",
      name, unit, in_layer ? fmt::format(" of layer {}", wrong[0][0].item<std::int64_t>()) : "",
      units.sum().item<std::int64_t>()));
}

at::Tensor fit_units(const char* name, const at::Tensor& mask, const at::Tensor& present) {
  if (!mask.defined()) return present;
  check_units(name, mask, present);
  return mask * present;
}

}  // namespace

StructureMasks fit_masks(const StructureMasks& masks, const Model& model) {
  masks.check(model.config().encoder);
  const StructureMasks present = present_units(*model.encoder());
  StructureMasks fitted;
  fitted.head = fit_units("head_z", masks.head, present.head);
  fitted.intermediate = fit_units("intermediate_z", masks.intermediate, present.intermediate);
  fitted.hidden = fit_units("hidden_z", masks.hidden, present.hidden);
  // A block that is not there stays away, whatever its mask says.
  fitted.head_layer =
      masks.head_layer.defined() ? masks.head_layer * present.head_layer : present.head_layer;
  fitted.mlp = masks.mlp.defined() ? masks.mlp * present.mlp : present.mlp;
  return fitted;
}

}  // namespace prumux::model
