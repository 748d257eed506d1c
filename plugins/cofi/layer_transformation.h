#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "prumux/compressor.h"
#include "prumux/tensors.h"

namespace prumux::cofi {

/// The trained linear map from the student's hidden states to the teacher's (W_layer in Xia et al.
/// 2022, section 3.2), from width d' to width d.
class LayerTransformation {
 public:
  /// The identity when both widths are equal. Otherwise the map starts at 0 and is to be fitted.
  LayerTransformation(std::int64_t student_width, std::int64_t teacher_width,
                      const at::TensorOptions& options);

  std::int64_t student_width() const { return weight_.size(1); }
  std::int64_t teacher_width() const { return weight_.size(0); }

  /// [..., d'] -> [..., d] float32, the product in `product_type`.
  at::Tensor apply(const at::Tensor& hidden, at::ScalarType product_type) const;

  /// Whether the map has no useful start yet.
  bool needs_fit() const;

  /// Replaces the weight by the least-squares map from the student's to the teacher's hidden
  /// states, ridge-regularised, over pairs of [B, S, d'] and [B, S, d].
  void fit(const std::vector<at::Tensor>& student, const std::vector<at::Tensor>& teacher);

  /// Trained at the model's learning rate and clipped with it; only the weight decays.
  std::vector<ParameterGroup> parameter_groups(double weight_decay) const;

  /// The tensors of a checkpoint, sharing storage with this object.
  NamedTensors state() const;

 private:
  at::Tensor weight_;     ///< [d, d']
  at::Tensor bias_;       ///< [d]
  at::Tensor needs_fit_;  ///< A boolean scalar.
};

}  // namespace prumux::cofi
