#include "core/onnx/encoder_graph.h"

#include <ATen/ATen.h>

#include <cmath>

#include "core/model/embeddings.h"
#include "core/model/layer.h"
#include "core/onnx/operations.h"

namespace prumux::onnx {
namespace {

/// Rows `first` to `first` + L - 1 of `table`, for ids [..., L].
Value rows_of_positions(Graph& graph, const at::Tensor& table, std::int64_t first,
                        const Value& input_ids) {
  const Value end = graph.node("Add", {last_size(graph, input_ids), integers(graph, {first})});
  return graph.node("Slice", {graph.constant("positions", table), integers(graph, {first}), end,
                              integers(graph, {0})});
}

/// Positions of tokens, counted behind the padding's id; padding has that of the id itself.
Value counted_positions(Graph& graph, const Value& input_ids, std::int64_t padding_id) {
  constexpr std::int64_t kInt64Type = 7;
  const Value padding = graph.constant("padding", at::scalar_tensor(padding_id, at::kLong));
  const Value tokens =
      graph.node("Cast", {graph.node("Not", {graph.node("Equal", {input_ids, padding})})},
                 {{"to", kInt64Type}});
  const Value axis = graph.constant("axis", at::scalar_tensor(-1, at::kLong));
  const Value counts = graph.node("CumSum", {tokens, axis});
  return graph.node("Add", {graph.node("Mul", {counts, tokens}), padding});
}

/// [B, T, h*dh] -> [B, h, T, dh], or [B, h, dh, T].
Value split_heads(Graph& graph, const Value& x, std::int64_t heads, std::int64_t head_size,
                  bool transposed) {
  const Value split = graph.node("Reshape", {x, integers(graph, {0, 0, heads, head_size})});
  const std::vector<std::int64_t> order =
      transposed ? std::vector<std::int64_t>{0, 2, 3, 1} : std::vector<std::int64_t>{0, 2, 1, 3};
  return graph.node("Transpose", {split}, {{"perm", order}});
}

Value project(Graph& graph, const Value& x, const model::Affine& parameters) {
  const Value reduced = parameters.factorised() ? affine(graph, x, parameters.reduction, {}) : x;
  return affine(graph, reduced, parameters.weight, parameters.bias);
}

/// What the attention block adds to x; the bias alone when it has no heads.
Value attend(Graph& graph, const Value& x, const model::AttentionBlock& block,
             std::int64_t head_size, const Value& bias) {
  const std::int64_t width = block.query.weight.size(0);
  if (width == 0) return graph.constant("bias", block.output.bias);
  const std::int64_t heads = width / head_size;
  const Value query = split_heads(graph, project(graph, x, block.query), heads, head_size, false);
  const Value key = split_heads(graph, project(graph, x, block.key), heads, head_size, true);
  const Value value = split_heads(graph, project(graph, x, block.value), heads, head_size, false);
  Value scores = graph.node("Div", {graph.node("MatMul", {query, key}),
                                    number(graph, std::sqrt(static_cast<double>(head_size)))});
  if (!bias.empty()) scores = graph.node("Add", {scores, bias});
  const Value shares = graph.node("Softmax", {scores}, {{"axis", std::int64_t{-1}}});
  const Value context = graph.node("Transpose", {graph.node("MatMul", {shares, value})},
                                   {{"perm", std::vector<std::int64_t>{0, 2, 1, 3}}});
  const Value joined = graph.node("Reshape", {context, integers(graph, {0, 0, width})});
  return project(graph, joined, block.output);
}

/// What the feed-forward block adds to x; the bias alone when it has no dimensions.
Value feed_forward(Graph& graph, const Value& x, const model::FeedForwardBlock& block) {
  if (block.intermediate.weight.size(0) == 0) return graph.constant("bias", block.output.bias);
  const Value inner = activation(graph, project(graph, x, block.intermediate), Activation::gelu);
  return project(graph, inner, block.output);
}

}  // namespace

Value embed(Graph& graph, const model::Encoder& encoder, const Value& input_ids,
            const Value& token_type_ids) {
  const EncoderConfig& config = encoder.config();
  const model::EmbeddingTables& tables = encoder.embeddings();
  const auto look_up = [&](const at::Tensor& table, const Value& ids) {
    return graph.node("Gather", {graph.constant("table", table), ids});
  };
  const Value words = look_up(tables.word, input_ids);
  const Value types = token_type_ids.empty() ? graph.constant("type", tables.token_type[0])
                                             : look_up(tables.token_type, token_type_ids);
  const Value positions =
      config.model_type == "roberta"
          ? look_up(tables.position, counted_positions(graph, input_ids, config.pad_token_id))
          : rows_of_positions(graph, tables.position, 0, input_ids);
  const Value sum = graph.node("Add", {graph.node("Add", {words, types}), positions});
  const Value normalised = layer_norm(graph, sum, tables.norm, config.layer_norm_eps);
  return tables.projection ? project(graph, normalised, *tables.projection) : normalised;
}

Value embed_again(Graph& graph, const model::Encoder& encoder, const Value& mixed,
                  const Value& input_ids) {
  const auto& own = encoder.second_pass();
  const at::Tensor& position = own ? own->position : encoder.embeddings().position;
  const at::Tensor& type = own ? own->token_type : encoder.embeddings().token_type;
  const at::Tensor table = position.detach() + type.detach()[0];
  const Value offsets =
      rows_of_positions(graph, table, model::first_position(encoder.config()), input_ids);
  return layer_norm(graph, graph.node("Add", {mixed, offsets}),
                    own ? own->norm : encoder.embeddings().norm, encoder.config().layer_norm_eps);
}

Value encode(Graph& graph, const model::Encoder& encoder, const Value& embedded,
             const Value& attention_mask) {
  const EncoderConfig& config = encoder.config();
  Value bias;
  if (!attention_mask.empty()) {
    bias = unsqueeze(
        graph,
        graph.node("Mul", {is_zero(graph, attention_mask), number(graph, model::kMaskedScore)}),
        {1, 2});
  }
  const auto add_and_normalise = [&](const Value& x, const Value& update, const model::Norm& norm) {
    return layer_norm(graph, graph.node("Add", {x, update}), norm, config.layer_norm_eps);
  };
  Value x = embedded;
  for (const model::Layer& layer : encoder.layers()) {
    if (layer.attention) {
      x = add_and_normalise(x, attend(graph, x, *layer.attention, config.head_size(), bias),
                            layer.attention_norm);
    }
    if (layer.feed_forward) {
      x = add_and_normalise(x, feed_forward(graph, x, *layer.feed_forward),
                            layer.feed_forward_norm);
    }
  }
  return x;
}

}  // namespace prumux::onnx
