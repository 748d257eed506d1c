#include "output_selection.h"

#include <ATen/ATen.h>

#include "prumux/error.h"
#include "tensor_checks.h"

namespace prumux::datamux {

OutputSelection::OutputSelection(torch::nn::Module& root, std::int64_t width)
    : width_(width),
      // A mask, since indices would not survive a conversion of the model to bfloat16.
      kept_mask_(root.register_buffer("muxing_kept_hidden", at::empty({0}, at::kLong))),
      scales_(root.register_buffer("muxing_output_scales", at::empty({0}))) {}

at::Tensor OutputSelection::apply(const at::Tensor& output) const {
  const at::Tensor selected =
      kept_.defined() ? output.index_select(2, kept_.to(output.device())) : output;
  return scales_.numel() == 0 ? selected : selected * scales_.to(output.options());
}

void OutputSelection::prune(const at::Tensor& kept, const at::Tensor& scales) {
  const at::Tensor columns = kept.to(kept_mask_.device());
  at::Tensor factors = scales.to(scales_.options());
  if (scales_.numel() != 0) {
    factors = factors * scales_.index_select(0, columns);
  }
  scales_.set_data(factors.contiguous());
  kept_ = kept_.defined() ? kept_.index_select(0, columns) : columns.clone();
  kept_mask_.set_data(at::zeros({width_}, kept_.options()).index_fill_(0, kept_, 1));
}

void OutputSelection::adopt_loaded_shapes(std::int64_t encoder_width) {
  if (kept_mask_.numel() == 0) {
    kept_.reset();
  } else {
    check_shape("muxing_kept_hidden", kept_mask_, {width_});
    kept_ = kept_mask_.nonzero().squeeze(1);
  }
  const std::int64_t kept = kept_.defined() ? kept_.numel() : width_;
  if (kept != encoder_width) {
    throw DataError("tensor 'muxing_kept_hidden' keeps " + std::to_string(kept) +
                    " hidden dimensions, expected " + std::to_string(encoder_width) +
                    ", the width of the encoder");
  }
  if (scales_.numel() != 0) {
    check_shape("muxing_output_scales", scales_, {encoder_width});
  }
}

}  // namespace prumux::datamux
