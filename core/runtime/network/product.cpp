#include "core/runtime/network/product.h"

namespace prumux::runtime {

using kernels::kPanelTokens;
using kernels::NumberFormat;

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
  kernels::Product product;
  product.matrix = &matrix;
  product.input = operands.data;
  product.input_stride = matrix.steps() * kPanelTokens;
  product.token_scales = operands.token_scales;
  product.output = output.data;
  product.output_stride = output.stride();
  product.tokens = tokens;
  product.epilogue = epilogue;
  kernels.multiply(product);
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
