#include "core/model/selection.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <tuple>

#include "core/model/selected_weight.h"

namespace prumux::model {
namespace {

/// Masks that are drawn anew for every step leave another number of intermediate dimensions each
/// time. oneDNN compiles a product for every shape, so that there are to be few.
constexpr std::int64_t kTrainingCountStep = 64;

/// index_select on the last dimension for indices without repetition: its gradient is a copy, for
/// which libtorch's own index_add is far slower.
class SelectColumns : public torch::autograd::Function<SelectColumns> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x,
                            const at::Tensor& kept) {
    context->save_for_backward({kept});
    context->saved_data["width"] = x.size(-1);
    return x.index_select(-1, kept);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const at::Tensor kept = context->get_saved_variables()[0];
    std::vector<std::int64_t> sizes = gradients[0].sizes().vec();
    sizes.back() = context->saved_data["width"].toInt();
    return {at::zeros(sizes, gradients[0].options()).index_copy_(-1, kept, gradients[0]),
            at::Tensor()};
  }
};

at::Tensor select_columns(const at::Tensor& x, const at::Tensor& kept) {
  if (!kept.defined()) return x;
  return at::GradMode::is_enabled() ? SelectColumns::apply(x, kept) : x.index_select(-1, kept);
}

at::Tensor take_rows(const at::Tensor& x, const at::Tensor& kept) {
  return kept.defined() ? x.index_select(0, kept) : x;
}

/// Product of factors of which any may be undefined.
at::Tensor product(const at::Tensor& a, const at::Tensor& b) {
  if (!a.defined()) return b;
  return b.defined() ? a * b : a;
}

bool only_ones(const at::Tensor& mask) {
  return !mask.requires_grad() && mask.eq(1.0).all().item<bool>();
}

/// The units that are not zero, and so many of the others that their number is a multiple of
/// `count_step`; ascending.
at::Tensor kept_units(const at::Tensor& mask, std::int64_t count_step) {
  const at::Tensor zero = mask.detach().eq(0.0);
  const std::int64_t count = zero.size(0) - zero.sum().item<std::int64_t>();
  const std::int64_t rounded = (count + count_step - 1) / count_step * count_step;
  const at::Tensor first = at::argsort(zero, /*stable=*/true, 0);
  return std::get<0>(first.slice(0, 0, std::min(rounded, zero.size(0))).sort());
}

UnitSelection units_of(const at::Tensor& mask, bool drop_although_differentiable,
                       std::int64_t count_step = 1) {
  UnitSelection units;
  if (!mask.defined() || only_ones(mask)) return units;
  const bool may_drop = drop_although_differentiable || !mask.requires_grad();
  units.scales = mask;
  if (may_drop && mask.eq(0.0).any().item<bool>()) {
    units.kept = kept_units(mask, mask.requires_grad() ? count_step : 1);
    units.scales = mask.index_select(0, units.kept);
    if (only_ones(units.scales)) units.scales.reset();
  }
  return units;
}

at::Tensor scale_of(const at::Tensor& mask) { return only_ones(mask) ? at::Tensor() : mask; }

at::Tensor float_mask(const at::Tensor& mask) {
  return mask.defined() ? mask.to(at::kFloat) : mask;
}

at::Tensor scalar_of(double scale) {
  return scale == 1.0 ? at::Tensor() : at::scalar_tensor(scale, at::kFloat);
}

UnitSelection units_of(const std::vector<std::int64_t>& kept, const std::vector<double>& scales) {
  UnitSelection units{at::tensor(kept, at::kLong), at::tensor(scales, at::kFloat)};
  if (only_ones(units.scales)) units.scales.reset();
  return units;
}

/// Heads as the hidden columns (or rows) that belong to them.
UnitSelection columns_of_heads(const UnitSelection& heads, std::int64_t head_size) {
  UnitSelection columns;
  if (heads.kept.defined()) {
    columns.kept = (heads.kept.unsqueeze(1) * head_size + at::arange(head_size)).flatten();
  }
  if (heads.scales.defined()) columns.scales = heads.scales.repeat_interleave(head_size);
  return columns;
}

/// Of the effective matrix: a factorised one has its columns in the second factor.
Affine select_affine(const Affine& parameters, const WeightSelection& selection) {
  Affine result = parameters;
  result.bias = product(take_rows(parameters.bias, selection.rows), selection.row_factors);
  if (parameters.factorised()) {
    result.weight =
        select_weight(parameters.weight, {selection.rows, {}, selection.row_factors, {}});
    result.reduction =
        select_weight(parameters.reduction, {{}, selection.columns, {}, selection.column_factors});
  } else {
    result.weight = select_weight(parameters.weight, selection);
  }
  return result;
}

}  // namespace

StructureSelection StructureSelection::of(const StructureMasks& masks, const EncoderConfig& encoder,
                                          bool zero_masks_are_constant) {
  masks.check(encoder);
  const StructureMasks floats{float_mask(masks.head), float_mask(masks.head_layer),
                              float_mask(masks.intermediate), float_mask(masks.mlp),
                              float_mask(masks.hidden)};
  StructureSelection selection;
  for (std::int64_t index = 0; index < encoder.num_hidden_layers; ++index) {
    LayerSelection layer;
    if (floats.head_layer.defined()) {
      layer.attention_scale = scale_of(floats.head_layer[index]);
      layer.attention_present = floats.head_layer[index].item<float>() != 0.0F;
    }
    if (floats.mlp.defined()) {
      layer.feed_forward_scale = scale_of(floats.mlp[index]);
      layer.feed_forward_present = floats.mlp[index].item<float>() != 0.0F;
    }
    if (floats.head.defined()) {
      layer.heads = units_of(floats.head[index], zero_masks_are_constant);
    }
    if (floats.intermediate.defined()) {
      layer.intermediate =
          units_of(floats.intermediate[index], zero_masks_are_constant, kTrainingCountStep);
    }
    selection.layers.push_back(std::move(layer));
  }
  selection.hidden = units_of(floats.hidden, true);
  return selection;
}

StructureSelection StructureSelection::of(const PrunePlan& plan) {
  StructureSelection selection;
  for (const LayerPlan& part : plan.layers) {
    LayerSelection layer;
    layer.attention_present = part.attention_present;
    layer.attention_scale = scalar_of(part.attention_scale);
    layer.heads = units_of(part.heads, part.head_scales);
    layer.feed_forward_present = part.mlp_present;
    layer.feed_forward_scale = scalar_of(part.mlp_scale);
    layer.intermediate = units_of(part.intermediate, part.intermediate_scales);
    selection.layers.push_back(std::move(layer));
  }
  selection.hidden = units_of(plan.hidden, plan.hidden_scales);
  return selection;
}

at::Tensor select_last_dimension(const at::Tensor& x, const UnitSelection& units) {
  return product(select_columns(x, units.kept), units.scales);
}

at::Tensor restore_last_dimension(const at::Tensor& x, const UnitSelection& units, std::int64_t n) {
  if (!units.kept.defined()) return x;
  std::vector<std::int64_t> sizes = x.sizes().vec();
  sizes.back() = n;
  return at::zeros(sizes, x.options()).index_copy(-1, units.kept, x);
}

Affine select_inputs(const Affine& parameters, const UnitSelection& columns) {
  return select_affine(parameters, {{}, columns.kept, {}, {}});
}

Affine select_outputs(const Affine& parameters, const UnitSelection& rows,
                      const UnitSelection& columns, const at::Tensor& scale) {
  at::Tensor row_factors = product(rows.scales, scale);
  if (row_factors.defined() && row_factors.dim() == 0) {
    const at::Tensor& kept = rows.kept.defined() ? rows.kept : parameters.bias;
    row_factors = row_factors.expand({kept.size(0)});
  }
  return select_affine(parameters, {rows.kept, columns.kept, row_factors, columns.scales});
}

Norm select_norm(const Norm& parameters, const UnitSelection& units) {
  return {product(take_rows(parameters.weight, units.kept), units.scales),
          product(take_rows(parameters.bias, units.kept), units.scales)};
}

Layer select_layer(const Layer& layer, const LayerSelection& selection, const UnitSelection& hidden,
                   std::int64_t head_size) {
  Layer result;
  if (layer.attention && selection.attention_present) {
    const UnitSelection heads = columns_of_heads(selection.heads, head_size);
    const auto project = [&](const Affine& parameters) {
      return select_affine(parameters, {heads.kept, hidden.kept, {}, {}});
    };
    result.attention = AttentionBlock{
        project(layer.attention->query), project(layer.attention->key),
        project(layer.attention->value),
        select_outputs(layer.attention->output, hidden, heads, selection.attention_scale)};
  }
  result.attention_norm = select_norm(layer.attention_norm, hidden);
  if (layer.feed_forward && selection.feed_forward_present) {
    const FeedForwardBlock& block = *layer.feed_forward;
    result.feed_forward = FeedForwardBlock{
        select_affine(block.intermediate, {selection.intermediate.kept, hidden.kept, {}, {}}),
        select_outputs(block.output, hidden, selection.intermediate, selection.feed_forward_scale)};
  }
  result.feed_forward_norm = select_norm(layer.feed_forward_norm, hidden);
  return result;
}

}  // namespace prumux::model
