#include "core/onnx/operations.h"

#include <ATen/ATen.h>

#include <cmath>

namespace prumux::onnx {

Value integers(Graph& graph, const std::vector<std::int64_t>& values) {
  return graph.constant("integers", at::tensor(values, at::kLong));
}

Value number(Graph& graph, double value) {
  return graph.constant("number", at::scalar_tensor(value, at::kFloat));
}

Value affine(Graph& graph, const Value& x, const at::Tensor& weight, const at::Tensor& bias) {
  const Value product =
      graph.node("MatMul", {x, graph.constant("weight", weight.transpose(-1, -2))});
  return bias.defined() ? graph.node("Add", {product, graph.constant("bias", bias)}) : product;
}

Value layer_norm(Graph& graph, const Value& x, const model::Norm& norm, double epsilon) {
  return graph.node(
      "LayerNormalization",
      {x, graph.constant("norm_weight", norm.weight), graph.constant("norm_bias", norm.bias)},
      {{"axis", std::int64_t{-1}}, {"epsilon", epsilon}});
}

Value activation(Graph& graph, const Value& x, Activation function) {
  switch (function) {
    case Activation::identity:
      return x;
    case Activation::tanh:
      return graph.node("Tanh", {x});
    case Activation::relu:
      return graph.node("Relu", {x});
    case Activation::gelu:
      break;
  }
  // The order of the operators by which engines recognise gelu.
  const Value error = graph.node("Erf", {graph.node("Div", {x, number(graph, std::sqrt(2.0))})});
  const Value product = graph.node("Mul", {x, graph.node("Add", {error, number(graph, 1.0)})});
  return graph.node("Mul", {product, number(graph, 0.5)});
}

Value slice(Graph& graph, const Value& x, std::int64_t begin, std::int64_t end, std::int64_t axis) {
  return graph.node("Slice",
                    {x, integers(graph, {begin}), integers(graph, {end}), integers(graph, {axis})});
}

Value last_size(Graph& graph, const Value& x) {
  return graph.node("Shape", {x}, {{"start", std::int64_t{-1}}});
}

Value is_zero(Graph& graph, const Value& x) {
  constexpr std::int64_t kFloatType = 1;
  const Value zero = graph.constant("zero", at::zeros({}, at::kLong));
  return graph.node("Cast", {graph.node("Equal", {x, zero})}, {{"to", kFloatType}});
}

Value unsqueeze(Graph& graph, const Value& x, const std::vector<std::int64_t>& axes) {
  return graph.node("Unsqueeze", {x, integers(graph, axes)});
}

}  // namespace prumux::onnx
