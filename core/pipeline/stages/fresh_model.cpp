#include "core/pipeline/stages/fresh_model.h"

#include <spdlog/fmt/fmt.h>

#include <filesystem>

#include "core/pipeline/stages/data_files.h"
#include "core/text/tokenizer_files.h"
#include "prumux/error.h"

namespace prumux::pipeline {
namespace {

namespace fs = std::filesystem;
using config::Problems;
using config::Value;

void check_architecture(const Value& config, Problems& problems) {
  const std::int64_t hidden = config.at("hidden_size").integer();
  const Value& heads = config.at("num_attention_heads");
  if (hidden % heads.integer() != 0) {
    problems.add(heads.place,
                 fmt::format("model.config.num_attention_heads '{}' - expected a divisor of "
                             "hidden_size {}",
                             heads.text, hidden));
  }
  const Value& embedding = config.at("embedding_size");
  const bool is_electra = config.at("model_type").string() == "electra";
  if (!is_electra && embedding.integer() != 0 && embedding.integer() != hidden) {
    problems.add(embedding.place,
                 fmt::format("model.config.embedding_size '{}' - expected hidden_size {}, or "
                             "model_type electra: only that has embeddings of another width",
                             embedding.text, hidden));
  }
}

void add_vocabulary(Record& record, const Value& vocabulary, Problems& problems) {
  const fs::path path = vocabulary.path();
  if (fs::is_directory(path)) {
    add_files(record, "model.vocabulary", path, text::kTokenizerFiles, vocabulary.place, problems);
  } else {
    add_file(record, "model.vocabulary", path, vocabulary.place, problems);
  }
}

}  // namespace

void add_fresh_model(Record& record, const Value& section, Problems& problems) {
  const Value& config = section.at("config");
  record.add("model.config", config);
  record.add("model.lower_case", section.at("lower_case"));
  check_architecture(config, problems);
  const Value* vocabulary = section.find("vocabulary");
  if (vocabulary == nullptr) {
    problems.add(section.place,
                 "'model.vocabulary' is missing - expected the vocab.txt of a model with fresh "
                 "weights, or a folder with a tokenizer's files");
    return;
  }
  add_vocabulary(record, *vocabulary, problems);
  try {
    fresh_tokenizer(section);
  } catch (const Error& problem) {
    problems.add_error(vocabulary->place, problem);
  }
}

std::shared_ptr<const text::Tokenizer> fresh_tokenizer(const Value& section) {
  const fs::path vocabulary = section.at("vocabulary").path();
  if (fs::is_directory(vocabulary)) {
    return std::make_shared<const text::Tokenizer>(text::Tokenizer::load(vocabulary));
  }
  text::TokenizerSettings settings;
  settings.lower_case = section.at("lower_case").boolean();
  settings.strip_accents = settings.lower_case;
  return std::make_shared<const text::Tokenizer>(text::Vocabulary::load(vocabulary), settings);
}

EncoderConfig fresh_encoder(const Value& config, const text::Tokenizer& tokenizer) {
  EncoderConfig encoder;
  encoder.model_type = config.at("model_type").string();
  encoder.vocab_size = static_cast<std::int64_t>(tokenizer.vocabulary().size());
  encoder.pad_token_id = tokenizer.padding_id();
  encoder.hidden_size = config.at("hidden_size").integer();
  const std::int64_t embedding_size = config.at("embedding_size").integer();
  encoder.embedding_size = embedding_size == 0 ? encoder.hidden_size : embedding_size;
  encoder.num_hidden_layers = config.at("num_hidden_layers").integer();
  encoder.num_attention_heads = config.at("num_attention_heads").integer();
  encoder.intermediate_size = config.at("intermediate_size").integer();
  encoder.max_position_embeddings = config.at("max_position_embeddings").integer();
  encoder.type_vocab_size = config.at("type_vocab_size").integer();
  encoder.hidden_dropout_prob = config.at("hidden_dropout_prob").real();
  encoder.attention_probs_dropout_prob = config.at("attention_probs_dropout_prob").real();
  encoder.initializer_range = config.at("initializer_range").real();
  return encoder;
}

}  // namespace prumux::pipeline
