#include "structure_size.h"

#include <ATen/ATen.h>

#include <numeric>

namespace prumux::cofi {
namespace {

/// Expected number of units in all layers: the sum over l and u of layer[l] * unit[l, u].
at::Tensor expected_units(const at::Tensor& unit, const at::Tensor& layer, std::int64_t num_layers,
                          std::int64_t units_per_layer) {
  if (unit.defined() && layer.defined()) return (unit * layer.unsqueeze(1)).sum();
  if (unit.defined()) return unit.sum();
  const auto per_layer = static_cast<double>(units_per_layer);
  if (layer.defined()) return layer.sum() * per_layer;
  return at::scalar_tensor(static_cast<double>(num_layers) * per_layer);
}

std::vector<std::int64_t> live_units(const at::Tensor& unit, const at::Tensor& layer,
                                     std::int64_t num_layers, std::int64_t units_per_layer) {
  at::Tensor counts = at::full({num_layers}, units_per_layer, at::kLong);
  if (unit.defined()) counts = unit.detach().to(at::kCPU).ne(0).sum(1);
  if (layer.defined()) counts = counts * layer.detach().to(at::kCPU).ne(0);
  const std::int64_t* first = counts.const_data_ptr<std::int64_t>();
  return {first, first + num_layers};
}

std::int64_t live_count(const at::Tensor& mask, std::int64_t units) {
  return mask.defined() ? mask.detach().count_nonzero().item<std::int64_t>() : units;
}

std::int64_t total(const std::vector<std::int64_t>& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
}

}  // namespace

std::int64_t KeptStructure::total_heads() const { return total(heads); }

std::int64_t KeptStructure::total_intermediates() const { return total(intermediates); }

KeptStructure KeptStructure::of(const StructureMasks& masks, const EncoderConfig& encoder) {
  const std::int64_t layers = encoder.num_hidden_layers;
  KeptStructure kept;
  kept.heads = live_units(masks.head, masks.head_layer, layers, encoder.num_attention_heads);
  kept.intermediates = live_units(masks.intermediate, masks.mlp, layers, encoder.intermediate_size);
  kept.attention_blocks = live_count(masks.head_layer, layers);
  kept.mlp_blocks = live_count(masks.mlp, layers);
  kept.hidden = live_count(masks.hidden, encoder.hidden_size);
  return kept;
}

StructureSize::StructureSize(const EncoderConfig& encoder) : encoder_(encoder) {
  const std::int64_t hidden = encoder.hidden_size;
  head_ = (4 * hidden * hidden + 4 * hidden) / encoder.num_attention_heads;
  mlp_ = 2 * hidden * encoder.intermediate_size + hidden + 4 * hidden;
  prunable_ = encoder.num_hidden_layers * (encoder.num_attention_heads * head_ + mlp_);
}

at::Tensor StructureSize::expected(const UnitTensors& keep_probability) const {
  const UnitTensors& keep = keep_probability;
  const std::int64_t layers = encoder_.num_hidden_layers;
  const at::Tensor heads =
      expected_units(keep.head, keep.head_layer, layers, encoder_.num_attention_heads);
  const at::Tensor intermediates =
      expected_units(keep.intermediate, keep.mlp, layers, encoder_.intermediate_size);
  const auto head_cost = static_cast<double>(head_);
  if (keep.hidden.defined()) {
    const at::Tensor hidden = keep.hidden.sum();
    return hidden * heads * (head_cost / static_cast<double>(encoder_.hidden_size)) +
           2 * hidden * intermediates;
  }
  // Whole blocks cost their exact size; single dimensions the integer that the authors train with.
  const double intermediate_cost =
      keep.intermediate.defined()
          ? static_cast<double>(intermediate())
          : static_cast<double>(mlp_) / static_cast<double>(encoder_.intermediate_size);
  return heads * head_cost + intermediates * intermediate_cost;
}

double StructureSize::matrix_sparsity(const KeptStructure& kept) const {
  const std::int64_t remaining = 4 * encoder_.head_size() * kept.total_heads() * kept.hidden +
                                 2 * kept.total_intermediates() * kept.hidden;
  return 1.0 - static_cast<double>(remaining) / static_cast<double>(prunable_);
}

std::int64_t StructureSize::parameters(const KeptStructure& kept) const {
  const std::int64_t context = encoder_.head_size() * kept.total_heads();
  const std::int64_t intermediates = kept.total_intermediates();
  const std::int64_t attention =
      4 * context * kept.hidden + 3 * context + kept.attention_blocks * kept.hidden;
  const std::int64_t mlp =
      2 * intermediates * kept.hidden + intermediates + kept.mlp_blocks * kept.hidden;
  return attention + mlp;
}

double StructureSize::removed_share(const KeptStructure& kept) const {
  const auto layers = static_cast<std::size_t>(encoder_.num_hidden_layers);
  KeptStructure dense;
  dense.heads.assign(layers, encoder_.num_attention_heads);
  dense.intermediates.assign(layers, encoder_.intermediate_size);
  dense.attention_blocks = encoder_.num_hidden_layers;
  dense.mlp_blocks = encoder_.num_hidden_layers;
  dense.hidden = encoder_.hidden_size;
  return 1.0 - static_cast<double>(parameters(kept)) / static_cast<double>(parameters(dense));
}

}  // namespace prumux::cofi
