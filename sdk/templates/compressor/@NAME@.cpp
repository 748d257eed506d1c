#include "@NAME@.h"

#include <ATen/ATen.h>

namespace @NAME@ {

@CLASS@::@CLASS@(const prumux::CompressorArguments& arguments)
    : ScorePruning("@NAME@", prumux::ScorePruningOptions::from(arguments.parameters)),
      power_(arguments.parameters.real("power")) {}

void @CLASS@::begin(const prumux::ModelView& model) {
  num_heads_ = model.encoder().num_attention_heads;
  attention_.clear();
  feed_forward_.clear();
  // Parameters have the names of a Hugging Face checkpoint, and come layer by layer.
  for (const auto& [name, tensor] : model.parameters()) {
    if (name.ends_with("attention.output.dense.weight")) {
      attention_.push_back(tensor);
    } else if (name.ends_with(".output.dense.weight")) {
      feed_forward_.push_back(tensor);
    }
  }
}

/// The columns of `weights` belong to the units, equally many to each: the sum of |w|^power of each.
at::Tensor @CLASS@::size_of(const at::Tensor& weights, std::int64_t units) const {
  return weights.detach().abs().pow(power_).sum(0).view({units, -1}).sum(1);
}

prumux::StructureScores @CLASS@::scores() {
  std::vector<at::Tensor> heads, intermediates;
  for (const at::Tensor& weights : attention_) heads.push_back(size_of(weights, num_heads_));
  for (const at::Tensor& weights : feed_forward_) {
    intermediates.push_back(size_of(weights, weights.size(1)));
  }
  return {at::stack(heads), at::stack(intermediates), {}};
}

}  // namespace @NAME@
