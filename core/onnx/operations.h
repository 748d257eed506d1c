#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/model/layer.h"
#include "core/onnx/graph.h"
#include "prumux/inference_form.h"

namespace prumux::onnx {

// The model's operations as nodes of a graph. Values have their last dimension's width named.

Value integers(Graph& graph, const std::vector<std::int64_t>& values);
Value number(Graph& graph, double value);

/// x [..., in] W^T + b: [..., out], for W [out, in], or [N, out, in] where x is [.., N or 1, T,
/// in]. An undefined `bias` is left out.
Value affine(Graph& graph, const Value& x, const at::Tensor& weight, const at::Tensor& bias);

/// LayerNorm over the last dimension.
Value layer_norm(Graph& graph, const Value& x, const model::Norm& norm, double epsilon);

Value activation(Graph& graph, const Value& x, Activation function);

/// Entries `begin` to `end` - 1 of dimension `axis`.
Value slice(Graph& graph, const Value& x, std::int64_t begin, std::int64_t end, std::int64_t axis);

/// The size of the last dimension, [1].
Value last_size(Graph& graph, const Value& x);

/// 1 where `x` is 0, else 0, as float32.
Value is_zero(Graph& graph, const Value& x);

/// A new dimension of size one at each of `axes` of the result.
Value unsqueeze(Graph& graph, const Value& x, const std::vector<std::int64_t>& axes);

}  // namespace prumux::onnx
