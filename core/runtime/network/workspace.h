#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/runtime/kernels/aligned_buffer.h"
#include "core/runtime/kernels/kernels.h"
#include "core/runtime/network/profile.h"

namespace prumux::runtime {

/// Activations as the elements of products.
struct OperandBuffer {
  kernels::AlignedBuffer<std::uint32_t> elements;
  kernels::AlignedBuffer<float> token_scales;
};

/// Scratch memory of one thread. Grows to what the largest chunk needs and stays.
struct Workspace {
  kernels::AlignedBuffer<float> states;       ///< The residual stream.
  kernels::AlignedBuffer<float> read_states;  ///< Its positions that are read.
  OperandBuffer operands;
  OperandBuffer inner_operands;  ///< Between the products of a feed-forward block.
  OperandBuffer reduced_operands;
  kernels::AlignedBuffer<float> reduced;   ///< Between the two products of a factorised weight.
  kernels::AlignedBuffer<float> expanded;  ///< What a factorised feed-forward block expands.
  kernels::AlignedBuffer<float> queries;
  kernels::AlignedBuffer<float> keys_values;
  kernels::AlignedBuffer<float> inner;
  kernels::AlignedBuffer<float> attention;
  kernels::AlignedBuffer<float> row;  ///< One position's mixed embedding.
  kernels::AlignedBuffer<float> row_scratch;
  std::vector<kernels::EmbeddingRow> embedding_rows;  ///< Of this position, and of the next one.
  std::vector<kernels::EmbeddingRow> next_embedding_rows;
  std::vector<std::size_t> token_counts;  ///< Per instance, where positions count tokens.
  Profile profile;
};

}  // namespace prumux::runtime
