#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "prumux/encoder.h"
#include "prumux/multiplexer.h"
#include "prumux/parameters.h"

namespace prumux::model {

/// What a model's classifier reads, and so the shape of its logits.
enum class HeadKind {
  sequence,       ///< One vector of a row: classes, or the score of a regression [R, num_labels].
  token,          ///< Every token: its class [R, L, num_labels].
  discriminator,  ///< Every token: whether it was replaced, ELECTRA's pretraining [R, L].
};

/// Which multiplexer a model has. A model for one instance has none.
struct MultiplexerConfig {
  std::string method;  ///< The word by which the plugin registry knows it.
  std::int64_t num_instances = 2;
  PaddingSemantics padding = PaddingSemantics::masked;
  Parameters parameters;
  std::int64_t cls_token_id = 101;  ///< The word in front of every row.
};

/// Which head of a plugin a model ends in.
struct HeadMethod {
  std::string method;  ///< The word by which the plugin registry knows it.
  Parameters parameters;

  bool operator==(const HeadMethod&) const = default;
};

/// A model's config.json: the encoder's dense architecture, its head, its multiplexer.
struct ModelConfig {
  EncoderConfig encoder;
  HeadKind head = HeadKind::sequence;     ///< From the class name under "architectures".
  std::optional<HeadMethod> head_method;  ///< In place of the sequence classifier.
  std::int64_t num_labels = 2;
  double classifier_dropout = 0.1;
  std::vector<std::string> label_names;  ///< Index = label; empty when the file names none.
  std::string finetuning_task;           ///< Empty when the file names none.
  std::optional<MultiplexerConfig> multiplexer;
  nlohmann::json source = nlohmann::json::object();  ///< As read: unknown fields are kept on save.

  /// Whether the classifier reads the encoder's pooler and not its hidden states.
  bool wants_pooler() const {
    return encoder.model_type == "bert" && head == HeadKind::sequence && !head_method &&
           !multiplexer;
  }

  std::int64_t num_instances() const { return multiplexer ? multiplexer->num_instances : 1; }

  /// Reads `directory`/config.json: a Hugging Face BERT, RoBERTa or ELECTRA, a checkpoint of a
  /// project that a multiplexer plugin recognises, or ours.
  /// Throws `IoError` or `DataError` with the field, its value and what was expected.
  static ModelConfig load(const std::filesystem::path& directory);

  /// The file's content, field names as in the references; ours are under "prumux". A multiplexer's
  /// own fields come from `Multiplexer::checkpoint_fields`.
  nlohmann::json to_json() const;
};

}  // namespace prumux::model
