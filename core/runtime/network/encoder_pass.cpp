#include "core/runtime/network/encoder_pass.h"

#include <algorithm>
#include <cmath>

#include "core/runtime/network/embedding_pass.h"

namespace prumux::runtime {

using kernels::Epilogue;
using kernels::kPanelTokens;
using kernels::panel_count;

std::size_t EncoderPass::last_attending_layer() const {
  std::size_t last = 0;
  for (std::size_t index = 0; index < network_.layers.size(); ++index) {
    const auto& attention = network_.layers[index].attention;
    if (attention && attention->heads > 0) last = index;
  }
  return last;
}

/// Copies the columns that are read behind each other; all that there is where all are read.
EncoderPass::Tokens EncoderPass::read_tokens(std::span<const Sequence> sequences, const Tokens& all,
                                             Workspace& workspace) const {
  const std::size_t reads = network_.read_positions.size();
  if (reads == 0) return all;
  Tokens read{{nullptr, all.states.features}, sequences.size() * reads};
  read.states.data = workspace.read_states.reserve(panel_count(read.count) * read.states.stride());
  std::size_t begin = 0;
  std::size_t to_token = 0;
  for (const Sequence& sequence : sequences) {
    for (const std::size_t position : network_.read_positions) {
      const std::size_t token = begin + position;
      const float* from = all.states.feature(token / kPanelTokens, 0) + token % kPanelTokens;
      float* to = read.states.feature(to_token / kPanelTokens, 0) + to_token % kPanelTokens;
      for (std::size_t f = 0; f < all.states.features; ++f) {
        to[f * kPanelTokens] = from[f * kPanelTokens];
      }
      ++to_token;
    }
    begin += sequence.length;
  }
  return read;
}

Operands EncoderPass::operands(const Panels& input, std::size_t tokens,
                               OperandBuffer& buffer) const {
  return prepare_operands(kernels_, input, tokens, network_.format, OperandUse::before_change,
                          buffer);
}

Operands EncoderPass::reduce(const std::optional<kernels::PackedMatrix>& reduction,
                             const Operands& input, std::size_t tokens,
                             Workspace& workspace) const {
  if (!reduction) return input;
  const std::size_t rank = reduction->rows();
  const Panels reduced{workspace.reduced.reserve(panel_count(tokens) * rank * kPanelTokens), rank};
  multiply(kernels_, *reduction, input, reduced, tokens, Epilogue::store);
  return operands(reduced, tokens, workspace.reduced_operands);
}

void EncoderPass::apply(const LinearWeights& weights, const Operands& input, const Panels& output,
                        std::size_t tokens, Epilogue epilogue, Workspace& workspace) const {
  multiply(kernels_, weights.matrix, reduce(weights.reduction, input, tokens, workspace), output,
           tokens, epilogue);
}

/// Keys and values of all tokens, queries of the reading ones, whose states become the sum of
/// residual and output.
void EncoderPass::attend(const AttentionWeights& weights, std::span<const Sequence> sequences,
                         const Tokens& all, Tokens& reading, Workspace& workspace) const {
  const bool short_queries = reading.states.data != all.states.data;
  const std::size_t width = weights.heads * network_.head_size;
  const Panels keys_values{
      workspace.keys_values.reserve(panel_count(all.count) * 2 * width * kPanelTokens), 2 * width};
  const Panels queries{workspace.queries.reserve(panel_count(reading.count) * width * kPanelTokens),
                       width};
  Operands states = operands(all.states, all.count, workspace.operands);
  std::size_t row = 0;
  for (const LinearWeights& part : weights.keys_values) {
    const Panels output{keys_values.feature(0, row), keys_values.features};
    apply(part, states, output, all.count, Epilogue::store, workspace);
    row += part.matrix.rows();
  }
  if (short_queries) states = operands(reading.states, reading.count, workspace.operands);
  apply(weights.query, states, queries, reading.count, Epilogue::store, workspace);
  workspace.profile.add(Part::projections);

  std::size_t longest = 0;
  for (const Sequence& sequence : sequences) longest = std::max(longest, sequence.length);
  kernels::Attention attention;
  attention.query_stride = queries.stride();
  attention.key_stride = keys_values.stride();
  attention.head_size = network_.head_size;
  attention.scale = 1.0F / std::sqrt(static_cast<float>(network_.head_size));
  attention.output_stride = queries.stride();
  attention.scratch =
      workspace.attention.reserve(kernels::attention_scratch(longest, network_.head_size));
  auto* const attend =
      kernels::is_float32(network_.format) ? kernels_.attend : kernels_.attend_in_short_numbers;
  for (const Sequence& sequence : sequences) {
    attention.keys = sequence.attended > 0 ? sequence.attended : sequence.length;
    attention.queries = short_queries ? network_.read_positions.size() : sequence.length;
    for (std::size_t head = 0; head < weights.heads; ++head) {
      const std::size_t feature = head * network_.head_size;
      attention.key = keys_values.feature(0, feature);
      attention.value = keys_values.feature(0, width + feature);
      attention.query = queries.feature(0, feature);
      // A tile of queries is read before it is overwritten, and nobody else reads it.
      attention.output = queries.feature(0, feature);
      attend(attention);
    }
    attention.key_begin += sequence.length;
    attention.query_begin += attention.queries;
  }
  workspace.profile.add(Part::attention);

  apply(weights.output, operands(queries, reading.count, workspace.operands), reading.states,
        reading.count, Epilogue::add, workspace);
  workspace.profile.add(Part::attention_output);
}

void EncoderPass::feed_forward(const FeedForwardWeights& weights, const Tokens& tokens,
                               Workspace& workspace) const {
  // The first of several blocks changes the states that the others still have to read.
  const bool changes = weights.blocks.size() > 1 && !weights.reduction && !weights.expansion;
  const Operands states =
      reduce(weights.reduction,
             prepare_operands(kernels_, tokens.states, tokens.count, network_.format,
                              changes ? OperandUse::after_change : OperandUse::before_change,
                              workspace.operands),
             tokens.count, workspace);
  Panels results = tokens.states;
  Epilogue epilogue = Epilogue::add;
  if (weights.expansion) {
    const std::size_t rank = weights.blocks.front().outer.rows();
    results = {workspace.expanded.reserve(panel_count(tokens.count) * rank * kPanelTokens), rank};
    epilogue = Epilogue::store;
  }
  for (const FeedForwardBlock& block : weights.blocks) {
    const Operands inner = multiply_to_operands(kernels_, block.inner, states, tokens.count,
                                                workspace.inner, workspace.inner_operands);
    multiply(kernels_, block.outer, inner, results, tokens.count, epilogue);
    epilogue = Epilogue::add;
  }
  if (weights.expansion) {
    multiply(kernels_, *weights.expansion,
             operands(results, tokens.count, workspace.inner_operands), tokens.states, tokens.count,
             Epilogue::add);
  }
  workspace.profile.add(Part::feed_forward);
}

void EncoderPass::run(std::span<const Sequence> sequences, Workspace& workspace, float* output,
                      const StatesObserver& observe) const {
  workspace.profile.start();
  Tokens all{{nullptr, network_.width}, 0};
  for (const Sequence& sequence : sequences) all.count += sequence.length;
  all.states.data = workspace.states.reserve(panel_count(all.count) * all.states.stride());
  embed_sequences(network_, kernels_, sequences, all.states, workspace);
  workspace.profile.add(Part::embedding);
  if (observe) observe(0, all.states, all.count);

  const std::size_t last = last_attending_layer();
  Tokens reading = all;
  for (std::size_t index = 0; index < network_.layers.size(); ++index) {
    const LayerWeights& layer = network_.layers[index];
    // Whoever observes sees every position of every layer.
    if (!observe && index == last) reading = read_tokens(sequences, all, workspace);
    if (layer.attention) {
      attend(*layer.attention, sequences, all, reading, workspace);
      normalise(kernels_, layer.attention_norm, reading.states, reading.count);
      workspace.profile.add(Part::normalisation);
    }
    if (layer.feed_forward) {
      feed_forward(*layer.feed_forward, reading, workspace);
      normalise(kernels_, layer.feed_forward_norm, reading.states, reading.count);
      workspace.profile.add(Part::normalisation);
    }
    if (observe) observe(index + 1, reading.states, reading.count);
  }
  if (observe || network_.layers.empty()) reading = read_tokens(sequences, all, workspace);
  copy_tokens(reading.states, reading.count, output);
}

}  // namespace prumux::runtime
