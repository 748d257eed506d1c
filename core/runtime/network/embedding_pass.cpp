#include "core/runtime/network/embedding_pass.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace prumux::runtime {
namespace {

using kernels::kPanelTokens;

std::size_t count_tokens(std::span<const Sequence> sequences) {
  std::size_t tokens = 0;
  for (const Sequence& sequence : sequences) tokens += sequence.length;
  return tokens;
}

/// Where the rows of the tables lie that one position of a group reads.
class PositionReader {
 public:
  PositionReader(const Network& network, const Sequence& sequence, Workspace& workspace)
      : embedding_(network.embedding),
        mixing_(network.mixing),
        sequence_(sequence),
        rows_(workspace.embedding_rows),
        next_rows_(workspace.next_embedding_rows),
        token_counts_(workspace.token_counts) {
    rows_.assign(mixing_.instances, {});
    next_rows_.assign(mixing_.instances, {});
    token_counts_.assign(mixing_.instances, 0);
    read(0);
  }

  /// Goes to the next position: the first call to the first.
  void advance() {
    std::swap(rows_, next_rows_);
    ++next_;
    read(next_);
  }

  const kernels::EmbeddingRow* rows() const { return rows_.data(); }
  const kernels::EmbeddingRow* next_rows() const { return next_rows_.data(); }

  std::size_t present() const {
    return static_cast<std::size_t>(
        std::count_if(rows_.begin(), rows_.end(),
                      [](const kernels::EmbeddingRow& row) { return row.word != nullptr; }));
  }

 private:
  std::size_t count() const { return mixing_.instances; }

  std::optional<std::int64_t> token(std::size_t instance, std::size_t position) const {
    if (position >= sequence_.length) return std::nullopt;
    if (position == 0 && mixing_.first_token) return mixing_.first_token;
    if (position < mixing_.prefix_length()) return mixing_.prefix[instance][position];
    const RowTokens& row = sequence_.rows[instance];
    const std::size_t index = position - mixing_.prefix_length();
    if (index < row.ids.size()) return row.ids[index];
    if (mixing_.pads_are_tokens) return embedding_.padding_id;
    return std::nullopt;
  }

  std::size_t table_position(std::size_t instance, std::int64_t token, std::size_t position) {
    if (!embedding_.counts_tokens) return position;
    const auto padding = static_cast<std::size_t>(embedding_.padding_id);
    return token == embedding_.padding_id ? padding : padding + ++token_counts_[instance];
  }

  void read(std::size_t position) {
    for (std::size_t i = 0; i < count(); ++i) {
      kernels::EmbeddingRow& row = next_rows_[i];
      row = {};
      const std::optional<std::int64_t> id = token(i, position);
      if (!id) continue;
      // Multiplexed models know no second text.
      const RowTokens& tokens = sequence_.rows[i];
      const bool second =
          count() == 1 && position >= tokens.second_begin && position < tokens.second_end;
      const std::size_t offset =
          (second ? embedding_.positions : 0) + table_position(i, *id, position);
      row.word = embedding_.word(static_cast<std::size_t>(*id));
      row.offset = embedding_.offsets.data() + offset * embedding_.offset_stride;
    }
  }

  const EmbeddingWeights& embedding_;
  const MixingWeights& mixing_;
  const Sequence& sequence_;
  std::vector<kernels::EmbeddingRow>& rows_;
  std::vector<kernels::EmbeddingRow>& next_rows_;
  std::vector<std::size_t>& token_counts_;
  std::size_t next_ = 0;
};

void put_column(const Panels& panels, std::size_t token, std::size_t first, std::size_t count,
                const float* values, float factor) {
  float* to = panels.feature(token / kPanelTokens, first) + token % kPanelTokens;
  for (std::size_t f = 0; f < count; ++f) to[f * kPanelTokens] = values[f] * factor;
}

class Embedder {
 public:
  Embedder(const Network& network, const kernels::Kernels& kernels, Workspace& workspace)
      : network_(network), kernels_(kernels), workspace_(workspace) {
    const EmbeddingWeights& embedding = network.embedding;
    position_.word_format = embedding.bfloat16_words.size() > 0 ? kernels::NumberFormat::bfloat16
                                                                : kernels::NumberFormat::float32;
    position_.gains = embedding.gains.data();
    position_.shifts = embedding.shifts.data();
    position_.all_shifts = embedding.all_shifts.data();
    position_.instances = network.mixing.instances;
    position_.width = embedding.width;
    position_.stride = embedding.offset_stride;
    position_.epsilon = embedding.epsilon;
    position_.sum = workspace.row.reserve(embedding.offset_stride);
    position_.scratch = workspace.row_scratch.reserve(embedding.offset_stride);
  }

  /// Mixed by vectors: the kept columns of the sum, and the second offsets.
  void mix_by_vectors(const Sequence& sequence, std::size_t begin, const Panels& output) {
    const std::vector<std::uint32_t>& kept = network_.mixing.kept;
    PositionReader reader(network_, sequence, workspace_);
    for (std::size_t p = 0; p < sequence.length; ++p) {
      const float share = read(reader);
      kernels_.mix(position_);
      const std::size_t token = begin + p;
      if (!network_.mixing.second_norm) {
        put_column(output, token, 0, output.features, position_.sum, share);
        continue;
      }
      const float* offsets = second_offsets(p);
      float* to = output.feature(token / kPanelTokens, 0) + token % kPanelTokens;
      for (std::size_t f = 0; f < output.features; ++f) {
        to[f * kPanelTokens] = position_.sum[kept.empty() ? f : kept[f]] * share + offsets[f];
      }
    }
  }

  /// To be mixed by matrices: the instances' embeddings below each other, each times its share;
  /// `states` gets the second offsets.
  void spread_instances(const Sequence& sequence, std::size_t begin, const Panels& spread,
                        const Panels& states) {
    const std::size_t width = network_.embedding.width;
    PositionReader reader(network_, sequence, workspace_);
    for (std::size_t p = 0; p < sequence.length; ++p) {
      const float share = read(reader);
      kernels::MixedPosition one = position_;
      one.instances = 1;
      one.all_shifts = one.shifts;
      for (std::size_t i = 0; i < network_.mixing.instances; ++i) {
        one.rows = position_.rows + i;
        one.next_rows = position_.next_rows + i;
        kernels_.mix(one);
        put_column(spread, begin + p, i * width, width, one.sum, share);
      }
      put_column(states, begin + p, 0, states.features, second_offsets(p), 1.0F);
    }
  }

 private:
  const float* second_offsets(std::size_t position) const {
    return network_.mixing.second_offsets.data() + position * network_.width;
  }

  /// Goes to the next position; returns the factor of the sum.
  float read(PositionReader& reader) {
    reader.advance();
    position_.rows = reader.rows();
    position_.next_rows = reader.next_rows();
    const auto count = static_cast<double>(std::max<std::size_t>(reader.present(), 1));
    return static_cast<float>(std::pow(count, -network_.mixing.normalisation));
  }

  const Network& network_;
  const kernels::Kernels& kernels_;
  Workspace& workspace_;
  kernels::MixedPosition position_;
};

}  // namespace

void embed_sequences(const Network& network, const kernels::Kernels& kernels,
                     std::span<const Sequence> sequences, const Panels& states,
                     Workspace& workspace) {
  const MixingWeights& mixing = network.mixing;
  const std::size_t tokens = count_tokens(sequences);
  const std::size_t panels = kernels::panel_count(tokens);
  Panels mixed = states;
  if (mixing.matrix) mixed.features = mixing.matrix->columns();
  if (mixing.projection) mixed.features = mixing.projection->columns();
  // What is multiplied must not lie where the product goes.
  if (mixing.matrix || mixing.projection) {
    mixed.data = workspace.inner.reserve(panels * mixed.stride());
  }

  Embedder embedder(network, kernels, workspace);
  std::size_t begin = 0;
  bool embedded = false;
  for (const Sequence& sequence : sequences) {
    embedded = sequence.mixed == nullptr;
    if (!embedded) {
      for (std::size_t p = 0; p < sequence.length; ++p) {
        put_column(states, begin + p, 0, states.features, sequence.mixed + p * states.features,
                   1.0F);
      }
    } else if (mixing.matrix) {
      embedder.spread_instances(sequence, begin, mixed, states);
    } else {
      embedder.mix_by_vectors(sequence, begin, mixed);
    }
    begin += sequence.length;
  }
  if (!embedded) return;

  if (const auto& matrix = mixing.matrix ? mixing.matrix : mixing.projection) {
    const Operands operands = prepare_operands(kernels, mixed, tokens, matrix->format(),
                                               OperandUse::before_change, workspace.operands);
    multiply(kernels, *matrix, operands, states, tokens,
             mixing.matrix ? kernels::Epilogue::add : kernels::Epilogue::store);
  }
  if (mixing.second_norm) normalise(kernels, *mixing.second_norm, states, tokens);
}

}  // namespace prumux::runtime
