#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "prumux/multiplexer.h"

namespace prumux::datamux {

/// The sizes that every demultiplexing needs, and the checks of its arguments against them.
struct DemultiplexingShape {
  explicit DemultiplexingShape(const MultiplexerArguments& arguments);

  /// Throws `DataError` unless `hidden` is [B, L, d'] and the positions, or the selected tokens,
  /// lie in it.
  void check(const at::Tensor& hidden, const at::Tensor& positions) const;
  void check(const at::Tensor& hidden, const TokenSelection& selection) const;

  std::int64_t num_instances;  ///< N.
  std::int64_t hidden_size;    ///< d.
  std::int64_t encoder_width;  ///< d': smaller than d after physical pruning.
};

}  // namespace prumux::datamux
