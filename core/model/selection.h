#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "core/model/layer.h"
#include "prumux/encoder.h"
#include "prumux/structure.h"

namespace prumux::model {

/// Units of one dimension that stay, and the factor of each. Either may be undefined: all units,
/// no factor.
struct UnitSelection {
  at::Tensor kept;    ///< [k] int64, ascending.
  at::Tensor scales;  ///< [k] float32; may carry a gradient.

  bool trivial() const { return !kept.defined() && !scales.defined(); }
};

/// What stays of one layer. The scales of whole blocks are scalars or undefined.
struct LayerSelection {
  bool attention_present = true;
  at::Tensor attention_scale;
  UnitSelection heads;
  bool feed_forward_present = true;
  at::Tensor feed_forward_scale;
  UnitSelection intermediate;
};

/// What stays of an encoder: the common form of masks (for one pass, differentiable) and of a plan
/// (for good).
struct StructureSelection {
  std::vector<LayerSelection> layers;
  UnitSelection hidden;

  /// Units with a mask of zero are left out, except heads and intermediate dimensions whose mask
  /// carries a gradient, which is not zero unless `zero_masks_are_constant`. (Of a zero hidden mask
  /// it always is.) Some intermediate dimensions that might go stay where the masks are trained.
  static StructureSelection of(const StructureMasks& masks, const EncoderConfig& encoder,
                               bool zero_masks_are_constant);
  static StructureSelection of(const PrunePlan& plan);
};

/// x [..., n] -> [..., k].
at::Tensor select_last_dimension(const at::Tensor& x, const UnitSelection& units);
/// x [..., k] -> [..., n], zero where nothing was kept.
at::Tensor restore_last_dimension(const at::Tensor& x, const UnitSelection& units, std::int64_t n);

/// Only takes columns: what follows a scaled hidden state needs no factor of its own.
Affine select_inputs(const Affine& parameters, const UnitSelection& columns);
/// Rows of weight and bias, scaled; columns of the weight, scaled. `scale` multiplies both.
Affine select_outputs(const Affine& parameters, const UnitSelection& rows,
                      const UnitSelection& columns, const at::Tensor& scale);
Norm select_norm(const Norm& parameters, const UnitSelection& units);
Layer select_layer(const Layer& layer, const LayerSelection& selection, const UnitSelection& hidden,
                   std::int64_t head_size);

}  // namespace prumux::model
