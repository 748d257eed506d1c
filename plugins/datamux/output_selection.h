#pragma once

#include <torch/nn/module.h>

#include <cstdint>

namespace prumux::datamux {

/// Physical pruning of a muxing whose own layers stay as they are: keeps some columns of its output
/// and scales them.
class OutputSelection {
 public:
  /// Registers its buffers on `root`, for an output of `width` columns.
  OutputSelection(torch::nn::Module& root, std::int64_t width);

  /// [B, L, d] -> [B, L, d'].
  at::Tensor apply(const at::Tensor& output) const;

  /// As `Multiplexer::prune_hidden`.
  void prune(const at::Tensor& kept, const at::Tensor& scales);

  /// Reads the buffers after they were loaded. Throws `DataError` naming the one that does not fit.
  void adopt_loaded_shapes(std::int64_t encoder_width);

 private:
  std::int64_t width_;
  at::Tensor kept_mask_;  ///< Buffer `muxing_kept_hidden` [d] of 0 and 1; empty: all are kept.
  at::Tensor scales_;     ///< Buffer `muxing_output_scales` [d']; empty: all are one.
  at::Tensor kept_;       ///< [d'] positions of the ones in `kept_mask_`; undefined: all.
};

}  // namespace prumux::datamux
