#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>

#include "core/model/layer.h"
#include "core/model/selection.h"
#include "prumux/encoder.h"

namespace prumux::model {

/// Tables of the first embedding pass, e columns wide.
struct EmbeddingTables {
  at::Tensor word;        ///< [V, e].
  at::Tensor position;    ///< [P, e].
  at::Tensor token_type;  ///< [T, e].
  Norm norm;
  std::optional<Affine> projection;  ///< [d', e], ELECTRA's when e != d.
};

/// Tables of the second pass of a multiplexed model whose hidden dimensions were pruned: the first
/// pass then keeps all of its own (spec section 7.6).
struct SecondPassTables {
  at::Tensor position;    ///< [P, d'].
  at::Tensor token_type;  ///< [T, d'].
  Norm norm;
};

/// Row of the position table that a row's first token gets: models of the RoBERTa kind count from
/// behind the padding's id.
std::int64_t first_position(const EncoderConfig& config);

/// Rows of the position table for token ids [R, L]: [R, L] int64, contiguous.
at::Tensor embedding_positions(const EncoderConfig& config, const at::Tensor& input_ids);

/// Throws `DataError` for an id or type [R, L] (undefined types: all 0) that is in no table, and
/// when the position table is shorter than `length`: that of the rows, with what is put in front of
/// them.
void check_tokens(const EmbeddingTables& tables, const EncoderConfig& config,
                  const at::Tensor& input_ids, const at::Tensor& token_type_ids,
                  std::int64_t length);

/// Rows of the tables for each token of a batch.
struct TokenPlaces {
  at::Tensor words;  ///< [R, L] int64, contiguous, as the others.
  at::Tensor positions;
  at::Tensor types;                    ///< Undefined: all 0.
  std::int64_t padding_word = -1;      ///< The row that gets no gradient; -1: none.
  std::int64_t padding_position = -1;  ///< As the word's.
};

/// Of token ids [R, L] and types [R, L] (undefined: all 0). Throws `DataError` for an id or type
/// that is in no table, and for rows longer than the position table.
TokenPlaces token_places(const EmbeddingTables& tables, const EncoderConfig& config,
                         const at::Tensor& input_ids, const at::Tensor& token_type_ids);

/// The sum of the three embeddings: [R, L, e].
at::Tensor sum_embeddings(const EmbeddingTables& tables, const TokenPlaces& places);

/// Position and first type embedding for L positions of a multiplexed input: [L, e].
at::Tensor second_pass_offsets(const at::Tensor& position, const at::Tensor& token_type,
                               const EncoderConfig& config, std::int64_t length);

template <typename Tables, typename Visitor>
void visit_embeddings(Tables& tables, const std::string& prefix, const Visitor& visit) {
  visit(prefix + "embeddings.word_embeddings.weight", tables.word);
  visit(prefix + "embeddings.position_embeddings.weight", tables.position);
  visit(prefix + "embeddings.token_type_embeddings.weight", tables.token_type);
  visit(prefix + "embeddings.LayerNorm.weight", tables.norm.weight);
  visit(prefix + "embeddings.LayerNorm.bias", tables.norm.bias);
  if (tables.projection) {
    visit(prefix + "embeddings_project.weight", tables.projection->weight);
    visit(prefix + "embeddings_project.bias", tables.projection->bias);
  }
}

/// The references have no such tables, hence no name for them: these are ours.
template <typename Tables, typename Visitor>
void visit_second_pass(Tables& tables, const Visitor& visit) {
  visit("second_pass.position_embeddings.weight", tables.position);
  visit("second_pass.token_type_embeddings.weight", tables.token_type);
  visit("second_pass.LayerNorm.weight", tables.norm.weight);
  visit("second_pass.LayerNorm.bias", tables.norm.bias);
}

}  // namespace prumux::model
