#include "special_tokens.h"

#include <ATen/ATen.h>

#include "prumux/error.h"

namespace prumux::datamux {
namespace {

constexpr std::int64_t kBertFiller = 680;
constexpr std::int64_t kBertFirstInstance = 678;
constexpr std::int64_t kRobertaFiller = 50000;
constexpr std::int64_t kRobertaClassification = 49923;

[[noreturn]] void refuse_prefix(const std::string& reason) {
  throw ConfigError("datamux: demuxing_variant index does not fit this model: " + reason);
}

}  // namespace

PrefixTokens prefix_tokens(const MultiplexerArguments& arguments) {
  const EncoderConfig& encoder = arguments.encoder;
  const std::int64_t instances = arguments.num_instances;
  const bool is_roberta = encoder.model_type == "roberta";
  const std::int64_t filler = is_roberta ? kRobertaFiller : kBertFiller;
  const std::int64_t first = is_roberta ? encoder.vocab_size - 2 : kBertFirstInstance;
  if (encoder.vocab_size <= filler) {
    refuse_prefix("its prefix needs token " + std::to_string(filler) + ", but the vocabulary has " +
                  std::to_string(encoder.vocab_size) + " tokens");
  }
  const std::int64_t last = first - instances + 1;
  if (last < 0 || (is_roberta && last <= filler)) {
    refuse_prefix("the vocabulary has no " + std::to_string(instances) +
                  " tokens that can stand for the instances");
  }
  if (instances + 1 >= encoder.max_position_embeddings) {
    refuse_prefix("its prefix takes " + std::to_string(instances + 1) + " positions of " +
                  std::to_string(encoder.max_position_embeddings));
  }
  return {filler, first, is_roberta ? kRobertaClassification : arguments.cls_token_id};
}

std::optional<std::int64_t> first_token(const MultiplexerArguments& arguments) {
  const EncoderConfig& encoder = arguments.encoder;
  if (encoder.model_type != "bert" || arguments.cls_token_id >= encoder.vocab_size) {
    return std::nullopt;
  }
  return arguments.cls_token_id;
}

std::optional<std::int64_t> roberta_classification_token(const EncoderConfig& encoder) {
  if (encoder.model_type != "roberta" || encoder.vocab_size <= kRobertaClassification) {
    return std::nullopt;
  }
  return kRobertaClassification;
}

TokenRows with_first_token(const TokenRows& rows, std::optional<std::int64_t> token) {
  if (!token) {
    return rows;
  }
  TokenRows edited = rows;
  edited.input_ids = rows.input_ids.clone();
  edited.input_ids.select(1, 0).fill_(*token);
  return edited;
}

}  // namespace prumux::datamux
