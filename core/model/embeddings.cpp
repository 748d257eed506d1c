#include "core/model/embeddings.h"

#include <ATen/ATen.h>
#include <spdlog/fmt/fmt.h>

#include "prumux/error.h"

namespace prumux::model {
namespace {

bool counts_positions_after_padding(const EncoderConfig& config) {
  return config.model_type == "roberta";
}

void check_range(const at::Tensor& ids, std::int64_t count, const char* what) {
  const at::Tensor outside = ids.lt(0).logical_or(ids.ge(count));
  if (!outside.any().item<bool>()) return;
  const at::Tensor place = outside.nonzero()[0];
  const std::int64_t row = place[0].item<std::int64_t>();
  const std::int64_t column = place[1].item<std::int64_t>();
  throw DataError(fmt::format("{} {} at row {}, position {} is not in the model, which has {}",
                              what, ids[row][column].item<std::int64_t>(), row, column, count));
}

void check_length(std::int64_t length, std::int64_t first, std::int64_t positions) {
  if (first + length <= positions) return;
  throw DataError(fmt::format(
      "an input has {} positions, but the model embeds at most {}; shorten it (prefixes of a "
      "multiplexed model count)",
      length, positions - first));
}

}  // namespace

std::int64_t first_position(const EncoderConfig& config) {
  return counts_positions_after_padding(config) ? config.pad_token_id + 1 : 0;
}

at::Tensor embedding_positions(const EncoderConfig& config, const at::Tensor& input_ids) {
  if (!counts_positions_after_padding(config)) {
    return at::arange(input_ids.size(1), input_ids.options()).expand_as(input_ids).contiguous();
  }
  const at::Tensor tokens = input_ids.ne(config.pad_token_id).to(at::kLong);
  return tokens.cumsum(1) * tokens + config.pad_token_id;
}

void check_tokens(const EmbeddingTables& tables, const EncoderConfig& config,
                  const at::Tensor& input_ids, const at::Tensor& token_type_ids,
                  std::int64_t length) {
  check_range(input_ids, tables.word.size(0), "token id");
  check_length(length, first_position(config), tables.position.size(0));
  if (token_type_ids.defined())
    check_range(token_type_ids, tables.token_type.size(0), "token type");
}

TokenPlaces token_places(const EmbeddingTables& tables, const EncoderConfig& config,
                         const at::Tensor& input_ids, const at::Tensor& token_type_ids) {
  check_tokens(tables, config, input_ids, token_type_ids, input_ids.size(1));
  TokenPlaces places;
  places.words = input_ids.contiguous();
  places.positions = embedding_positions(config, input_ids);
  if (token_type_ids.defined()) places.types = token_type_ids.contiguous();
  places.padding_word = config.pad_token_id;
  if (counts_positions_after_padding(config)) places.padding_position = config.pad_token_id;
  return places;
}

at::Tensor sum_embeddings(const EmbeddingTables& tables, const TokenPlaces& places) {
  const at::Tensor words = at::embedding(tables.word, places.words, places.padding_word);
  const at::Tensor types = places.types.defined() ? at::embedding(tables.token_type, places.types)
                                                  : tables.token_type[0];
  return words + types + at::embedding(tables.position, places.positions, places.padding_position);
}

at::Tensor second_pass_offsets(const at::Tensor& position, const at::Tensor& token_type,
                               const EncoderConfig& config, std::int64_t length) {
  const std::int64_t first = first_position(config);
  check_length(length, first, position.size(0));
  return position.slice(0, first, first + length) + token_type[0];
}

}  // namespace prumux::model
