#include "core/runtime/network/product.h"

#include <algorithm>

namespace prumux::runtime {

using kernels::kPanelTokens;
using kernels::NumberFormat;

namespace {

/// Tokens whose features are copied together: they are beside each other in a panel.
constexpr std::size_t kTokensTogether = 16;

kernels::Product product_of(const kernels::PackedMatrix& matrix, const Operands& operands,
                            std::size_t tokens, kernels::Epilogue epilogue) {
  kernels::Product product;
  product.matrix = &matrix;
  product.input = operands.data;
  product.input_stride = matrix.steps() * kPanelTokens;
  product.token_scales = operands.token_scales;
  product.tokens = tokens;
  product.epilogue = epilogue;
  return product;
}

}  // namespace

Operands prepare_operands(const kernels::Kernels& kernels, const Panels& input, std::size_t tokens,
                          NumberFormat format, OperandUse use, OperandBuffer& buffer) {
  if (format == NumberFormat::float32 && use == OperandUse::before_change) {
    return {reinterpret_cast<const std::uint32_t*>(input.data), nullptr};
  }
  const std::size_t panels = kernels::panel_count(tokens);
  const std::size_t stride = kernels::element_count(format, input.features) * kPanelTokens;
  kernels::Conversion conversion;
  conversion.input = input.data;
  conversion.input_stride = input.stride();
  conversion.features = input.features;
  conversion.tokens = tokens;
  conversion.format = format;
  conversion.output = buffer.elements.reserve(panels * stride);
  conversion.output_stride = stride;
  conversion.token_scales = buffer.token_scales.reserve(panels * kPanelTokens);
  kernels.convert(conversion);
  return {buffer.elements.data(), buffer.token_scales.data()};
}

void multiply(const kernels::Kernels& kernels, const kernels::PackedMatrix& matrix,
              const Operands& operands, const Panels& output, std::size_t tokens,
              kernels::Epilogue epilogue) {
  kernels::Product product = product_of(matrix, operands, tokens, epilogue);
  product.output = output.data;
  product.output_stride = output.stride();
  kernels.multiply(product);
}

Operands multiply_to_operands(const kernels::Kernels& kernels, const kernels::PackedMatrix& matrix,
                              const Operands& operands, std::size_t tokens,
                              kernels::AlignedBuffer<float>& values, OperandBuffer& buffer) {
  const std::size_t panels = kernels::panel_count(tokens);
  const std::size_t rows = matrix.rows();
  if (!kernels::has_pairs(matrix.format())) {
    const Panels output{values.reserve(panels * rows * kPanelTokens), rows};
    multiply(kernels, matrix, operands, output, tokens, kernels::Epilogue::gelu);
    return prepare_operands(kernels, output, tokens, matrix.format(), OperandUse::before_change,
                            buffer);
  }
  kernels::Product product = product_of(matrix, operands, tokens, kernels::Epilogue::gelu_operands);
  product.output_stride = kernels::element_count(matrix.format(), rows) * kPanelTokens;
  product.operands = buffer.elements.reserve(panels * product.output_stride);
  kernels.multiply(product);
  return {product.operands, nullptr};
}

void copy_tokens(const Panels& panels, std::size_t tokens, float* to) {
  for (std::size_t first = 0; first < tokens; first += kTokensTogether) {
    const std::size_t count = std::min(kTokensTogether, tokens - first);
    const std::size_t panel = first / kPanelTokens;
    for (std::size_t f = 0; f < panels.features; ++f) {
      const float* from = panels.feature(panel, f) + first % kPanelTokens;
      for (std::size_t t = 0; t < count; ++t) to[(first + t) * panels.features + f] = from[t];
    }
  }
}

void normalise(const kernels::Kernels& kernels, const Norm& norm, const Panels& panels,
               std::size_t tokens) {
  kernels::Normalisation n;
  n.input = panels.data;
  n.output = panels.data;
  n.stride = panels.stride();
  n.features = panels.features;
  n.tokens = tokens;
  n.weight = norm.weight.data();
  n.bias = norm.bias.data();
  n.epsilon = norm.epsilon;
  kernels.normalise(n);
}

}  // namespace prumux::runtime
