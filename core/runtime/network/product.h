#pragma once

#include <cstddef>
#include <cstdint>

#include "core/runtime/kernels/kernels.h"
#include "core/runtime/network/network.h"
#include "core/runtime/network/workspace.h"

namespace prumux::runtime {

/// Activations in panels.
struct Panels {
  float* data = nullptr;
  std::size_t features = 0;

  std::size_t stride() const { return features * kernels::kPanelTokens; }
  float* feature(std::size_t panel, std::size_t feature) const {
    return data + panel * stride() + feature * kernels::kPanelTokens;
  }
};

/// Activations as the elements of products in one format.
struct Operands {
  const std::uint32_t* data = nullptr;
  const float* token_scales = nullptr;
};

enum class OperandUse {
  before_change,  ///< The activations stay as they are until the products are done.
  after_change,
};

/// In `buffer`, or, in float32 where `use` allows it, the activations themselves.
Operands prepare_operands(const kernels::Kernels& kernels, const Panels& input, std::size_t tokens,
                          kernels::NumberFormat format, OperandUse use, OperandBuffer& buffer);

/// output = (or, as `epilogue` says, +=) W x + b.
void multiply(const kernels::Kernels& kernels, const kernels::PackedMatrix& matrix,
              const Operands& operands, const Panels& output, std::size_t tokens,
              kernels::Epilogue epilogue);

/// gelu(W x + b) as operands of a product in the matrix's format, in `buffer`; `values` is memory
/// for them as numbers on the way, where there are any.
Operands multiply_to_operands(const kernels::Kernels& kernels, const kernels::PackedMatrix& matrix,
                              const Operands& operands, std::size_t tokens,
                              kernels::AlignedBuffer<float>& values, OperandBuffer& buffer);

/// Panels -> [tokens, features].
void copy_tokens(const Panels& panels, std::size_t tokens, float* to);

/// LayerNorm in place.
void normalise(const kernels::Kernels& kernels, const Norm& norm, const Panels& panels,
               std::size_t tokens);

}  // namespace prumux::runtime
