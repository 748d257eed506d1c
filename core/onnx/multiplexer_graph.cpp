#include "core/onnx/multiplexer_graph.h"

#include <ATen/ATen.h>

#include <cmath>
#include <limits>

#include "core/onnx/operations.h"

namespace prumux::onnx {
namespace {

constexpr std::int64_t kToTheEnd = std::numeric_limits<std::int64_t>::max();

}  // namespace

Value MultiplexerGraph::for_each_group(const at::Tensor& values, const Value& ids) const {
  const Value groups = graph_.node("Shape", {ids}, {{"end", std::int64_t{1}}});
  const Value shape =
      graph_.node("Concat", {groups, integers(graph_, {num_instances_, values.size(-1)})},
                  {{"axis", std::int64_t{0}}});
  return graph_.node("Expand", {graph_.constant("prefix", values), shape});
}

GroupedRows MultiplexerGraph::group(const Value& input_ids, const Value& attention_mask) const {
  const Value shape =
      graph_.node("Concat", {integers(graph_, {-1, num_instances_}), last_size(graph_, input_ids)},
                  {{"axis", std::int64_t{0}}});
  GroupedRows rows{graph_.node("Reshape", {input_ids, shape}),
                   graph_.node("Reshape", {attention_mask, shape})};
  const auto join = [&](const Value& front, const Value& rest) {
    return graph_.node("Concat", {front, rest}, {{"axis", std::int64_t{2}}});
  };
  const TokenEditForm& edit = form_.tokens;
  if (edit.prefix.defined()) {
    const at::Tensor prefix = edit.prefix.unsqueeze(0);
    rows.attention_mask =
        join(for_each_group(at::ones_like(prefix), rows.input_ids), rows.attention_mask);
    rows.input_ids = join(for_each_group(prefix, rows.input_ids), rows.input_ids);
  }
  if (edit.first_token) {
    const at::Tensor first = at::full({1, 1, 1}, *edit.first_token, at::kLong);
    rows.input_ids =
        join(for_each_group(first, rows.input_ids), slice(graph_, rows.input_ids, 1, kToTheEnd, 2));
  }
  return rows;
}

Value MultiplexerGraph::mix(const Value& embedded, const GroupedRows& rows) const {
  const MixForm& mix = *form_.mix;
  Value weighted;
  if (mix.factors.dim() == 3) {
    weighted = affine(graph_, embedded, mix.factors, {});
  } else {
    const Value columns = mix.kept.defined()
                              ? graph_.node("Gather", {embedded, graph_.constant("kept", mix.kept)},
                                            {{"axis", std::int64_t{3}}})
                              : embedded;
    weighted = graph_.node("Mul", {columns, graph_.constant("factors", mix.factors.unsqueeze(1))});
  }
  const auto sum = [&](const Value& x) {
    return graph_.node("ReduceSum", {x, integers(graph_, {1})}, {{"keepdims", std::int64_t{0}}});
  };
  if (!masked_) {
    const double count = std::pow(static_cast<double>(num_instances_), mix.normalisation);
    return graph_.node("Div", {sum(weighted), number(graph_, count)});
  }
  const Value present = unsqueeze(
      graph_, graph_.node("Sub", {number(graph_, 1.0), is_zero(graph_, rows.attention_mask)}), {3});
  // Where no instance has a token, the sum is 0 whatever it is divided by.
  const Value count = graph_.node("Max", {sum(present), number(graph_, 1.0)});
  const Value total = sum(graph_.node("Mul", {weighted, present}));
  return graph_.node("Div",
                     {total, graph_.node("Pow", {count, number(graph_, mix.normalisation)})});
}

Value MultiplexerGraph::attention_mask(const GroupedRows& rows) const {
  if (!masked_) return "";
  return graph_.node("ReduceMax", {rows.attention_mask},
                     {{"axes", std::vector<std::int64_t>{1}}, {"keepdims", std::int64_t{0}}});
}

Value MultiplexerGraph::normalise(const Value& x, const NormForm& norm) const {
  if (!norm.weight.defined()) return x;
  if (norm.weight.dim() == 1) {
    return layer_norm(graph_, x, {norm.weight, norm.bias}, norm.epsilon);
  }
  const at::Tensor ones = at::ones({norm.weight.size(1)});
  const Value plain = layer_norm(graph_, x, {ones, at::zeros_like(ones)}, norm.epsilon);
  const Value scaled =
      graph_.node("Mul", {plain, graph_.constant("norm_weight", norm.weight.unsqueeze(1))});
  return graph_.node("Add", {scaled, graph_.constant("norm_bias", norm.bias.unsqueeze(1))});
}

Value MultiplexerGraph::separate(const Value& hidden, const Value& chosen) const {
  const SeparationForm& form = *form_.separation;
  Value x = graph_.constant("offsets", form.offsets.unsqueeze(1));
  if (form.token_weight.defined()) {
    const Value tokens = affine(graph_, unsqueeze(graph_, chosen, {1}), form.token_weight, {});
    x = graph_.node("Add", {tokens, x});
  }
  if (form.key_weight.defined()) {
    const Value keys =
        affine(graph_, slice(graph_, hidden, 0, num_instances_, 1), form.key_weight, {});
    x = graph_.node("Add", {x, unsqueeze(graph_, keys, {2})});
  }
  x = normalise(activation(graph_, x, form.activation), form.norm);
  for (const DenseForm& layer : form.layers) {
    const Value inner =
        activation(graph_, affine(graph_, x, layer.weight, layer.bias), layer.activation);
    const Value result = normalise(inner, layer.norm);
    x = layer.residual ? graph_.node("Add", {result, x}) : result;
  }
  return x;
}

}  // namespace prumux::onnx
