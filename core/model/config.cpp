#include "core/model/config.h"

#include <spdlog/fmt/fmt.h>

#include <limits>
#include <map>

#include "core/io/atomic_file.h"
#include "core/model/json.h"
#include "core/plugin/registry.h"
#include "prumux/error.h"

namespace prumux::model {
namespace {

using nlohmann::json;

/// Reads fields of one JSON object; a wrong one is a `DataError` that names file, field and value.
class Fields {
 public:
  Fields(const json& object, std::string where) : object_(object), where_(std::move(where)) {}

  [[noreturn]] void fail(const std::string& name, const std::string& expected) const {
    throw DataError(fmt::format("{}: field '{}' is {}, expected {}", where_, name,
                                object_.contains(name) ? object_[name].dump() : "missing",
                                expected));
  }

  /// Whether the field is there and not null.
  bool has(const std::string& name) const {
    return object_.contains(name) && !object_[name].is_null();
  }

  const json& at(const std::string& name) const { return object_[name]; }

  std::int64_t integer(const std::string& name, std::int64_t otherwise,
                       std::int64_t minimum) const {
    if (!has(name)) return otherwise;
    const json& value = object_[name];
    constexpr std::int64_t kMaximum = std::numeric_limits<std::int32_t>::max();
    if (!value.is_number_integer() || value < minimum || value > kMaximum) {
      fail(name, fmt::format("an integer from {} to {}", minimum, kMaximum));
    }
    return value.get<std::int64_t>();
  }

  double real(const std::string& name, double otherwise, double minimum, double maximum) const {
    if (!has(name)) return otherwise;
    const json& value = object_[name];
    if (!value.is_number() || value < minimum || value > maximum) {
      fail(name, fmt::format("a number from {} to {}", minimum, maximum));
    }
    return value.get<double>();
  }

  std::string text(const std::string& name, const std::string& otherwise) const {
    if (!has(name)) return otherwise;
    if (!object_[name].is_string()) fail(name, "a text");
    return object_[name].get<std::string>();
  }

  void only(const std::string& name, const std::string& supported) const {
    if (text(name, supported) != supported) fail(name, "'" + supported + "'");
  }

  const std::string& where() const { return where_; }

 private:
  const json& object_;
  std::string where_;
};

EncoderConfig read_encoder(const Fields& fields) {
  constexpr std::int64_t kNoPadding = -1;
  const EncoderConfig standard;
  EncoderConfig config;
  config.model_type = fields.text("model_type", standard.model_type);
  if (config.model_type != "bert" && config.model_type != "roberta" &&
      config.model_type != "electra") {
    fields.fail("model_type", "'bert', 'roberta' or 'electra'");
  }
  fields.only("hidden_act", "gelu");
  fields.only("position_embedding_type", "absolute");
  config.vocab_size = fields.integer("vocab_size", standard.vocab_size, 1);
  config.hidden_size = fields.integer("hidden_size", standard.hidden_size, 1);
  config.num_hidden_layers = fields.integer("num_hidden_layers", standard.num_hidden_layers, 1);
  config.num_attention_heads =
      fields.integer("num_attention_heads", standard.num_attention_heads, 1);
  if (config.hidden_size % config.num_attention_heads != 0) {
    fields.fail("num_attention_heads",
                fmt::format("a divisor of hidden_size, which is {}", config.hidden_size));
  }
  config.intermediate_size = fields.integer("intermediate_size", standard.intermediate_size, 1);
  config.max_position_embeddings =
      fields.integer("max_position_embeddings", standard.max_position_embeddings, 1);
  config.type_vocab_size = fields.integer("type_vocab_size", standard.type_vocab_size, 1);
  config.embedding_size = config.model_type == "electra"
                              ? fields.integer("embedding_size", config.hidden_size, 1)
                              : config.hidden_size;
  config.pad_token_id = fields.integer("pad_token_id", standard.pad_token_id, kNoPadding);
  if (config.pad_token_id >= config.vocab_size) {
    fields.fail("pad_token_id",
                fmt::format("less than vocab_size, which is {}", config.vocab_size));
  }
  config.layer_norm_eps = fields.real("layer_norm_eps", standard.layer_norm_eps, 0.0, 1.0);
  config.hidden_dropout_prob =
      fields.real("hidden_dropout_prob", standard.hidden_dropout_prob, 0.0, 1.0);
  config.attention_probs_dropout_prob =
      fields.real("attention_probs_dropout_prob", standard.attention_probs_dropout_prob, 0.0, 1.0);
  config.initializer_range =
      fields.real("initializer_range", standard.initializer_range, 0.0, 10.0);
  return config;
}

/// Labels from `id2label`, whose keys are "0", "1", ...
std::vector<std::string> read_label_names(const Fields& fields) {
  if (!fields.has("id2label")) return {};
  const json& labels = fields.at("id2label");
  const std::string expected = R"(an object {"0": "name", "1": "name", ...} without gaps)";
  if (!labels.is_object() || labels.empty()) fields.fail("id2label", expected);
  std::vector<std::string> names;
  for (std::size_t label = 0; label < labels.size(); ++label) {
    const auto entry = labels.find(std::to_string(label));
    if (entry == labels.end() || !entry->is_string()) fields.fail("id2label", expected);
    names.push_back(entry->get<std::string>());
  }
  return names;
}

/// The first name under "architectures", or an empty text.
std::string stored_class(const json& source) {
  const json classes = source.value("architectures", json::array());
  if (!classes.is_array() || classes.empty() || !classes[0].is_string()) return {};
  return classes[0].get<std::string>();
}

/// By the class name that Hugging Face and the references write; other classes (masked language
/// models, bare encoders) get a fresh sequence classifier.
HeadKind head_of(const json& source) {
  const std::string name = stored_class(source);
  if (name.ends_with("ForTokenClassification")) return HeadKind::token;
  if (name.ends_with("ElectraForPreTraining")) return HeadKind::discriminator;
  return HeadKind::sequence;
}

std::string class_name(const ModelConfig& config) {
  const std::string& type = config.encoder.model_type;
  const std::string family = type == "bert" ? "Bert" : type == "roberta" ? "Roberta" : "Electra";
  const char* purpose = config.head == HeadKind::token           ? "ForTokenClassification"
                        : config.head == HeadKind::discriminator ? "ForPreTraining"
                                                                 : "ForSequenceClassification";
  return (config.multiplexer ? "Muxed" : "") + family + purpose;
}

PaddingSemantics read_padding(const Fields& fields) {
  const std::string padding = fields.text("padding", "masked");
  if (padding == "masked") return PaddingSemantics::masked;
  if (padding != "attended") fields.fail("padding", "'masked' or 'attended'");
  return PaddingSemantics::attended;
}

/// The field "parameters" of a plugin's method.
Parameters read_parameters(const Fields& fields, PrumuxKind kind, const std::string& name) {
  std::vector<std::pair<std::string, std::string>> texts;
  if (fields.has("parameters")) {
    if (!fields.at("parameters").is_object()) fields.fail("parameters", "an object");
    for (const auto& [parameter, value] : fields.at("parameters").items()) {
      texts.emplace_back(parameter, value.is_string() ? value.get<std::string>() : value.dump());
    }
  }
  const plugin::Method& method = plugin::Registry::instance().find(kind, name);
  return plugin::parse_parameters(*method.descriptor, texts);
}

/// Our own description, from the object "prumux.multiplexer".
MultiplexerConfig read_multiplexer(const json& object, const Fields& outer) {
  const Fields fields(object, outer.where() + ": prumux.multiplexer");
  MultiplexerConfig config;
  config.method = fields.text("method", "");
  if (config.method.empty()) fields.fail("method", "the name of a multiplexer");
  config.num_instances = fields.integer("num_instances", 0, 1);
  if (config.num_instances == 0) fields.fail("num_instances", "an integer of at least 1");
  config.padding = read_padding(fields);
  config.cls_token_id = fields.integer("cls_token_id", config.cls_token_id, 0);
  config.parameters = read_parameters(fields, PRUMUX_MULTIPLEXER, config.method);
  return config;
}

/// The head of a plugin, from the object "prumux.head".
std::optional<HeadMethod> find_head(const Fields& outer) {
  if (!outer.has("prumux") || !outer.at("prumux").contains("head")) return std::nullopt;
  const json& object = outer.at("prumux")["head"];
  if (!object.is_object()) outer.fail("prumux", "an object whose 'head' is an object");
  const Fields fields(object, outer.where() + ": prumux.head");
  HeadMethod head{fields.text("method", ""), {}};
  if (head.method.empty()) fields.fail("method", "the name of a head");
  head.parameters = read_parameters(fields, PRUMUX_HEAD, head.method);
  return head;
}

std::optional<MultiplexerConfig> find_multiplexer(const Fields& fields, const json& source) {
  if (fields.has("prumux") && fields.at("prumux").contains("multiplexer")) {
    const json& object = fields.at("prumux")["multiplexer"];
    if (object.is_null()) return std::nullopt;
    if (!object.is_object()) fields.fail("prumux", "an object whose 'multiplexer' is an object");
    return read_multiplexer(object, fields);
  }
  if (fields.integer("num_instances", 1, 1) == 1) return std::nullopt;
  const auto recognised = plugin::Registry::instance().recognise(source.dump());
  if (!recognised) return std::nullopt;
  MultiplexerConfig config;
  config.method = recognised->method;
  config.num_instances = fields.integer("num_instances", 1, 1);
  config.padding = PaddingSemantics::attended;
  config.parameters = recognised->parameters;
  return config;
}

json parse(const std::filesystem::path& file) {
  const std::string text = io::read_file(file);
  json source;
  try {
    source = parse_json(text);
  } catch (const DataError& problem) {
    throw DataError(fmt::format("'{}' is no JSON: {}", file.string(), problem.what()));
  }
  if (!source.is_object()) {
    throw DataError(fmt::format("'{}' holds no JSON object", file.string()));
  }
  return source;
}

json to_json_object(const Parameters& parameters) {
  json object = json::object();
  for (const auto& [name, value] : parameters.values()) {
    object[name] = std::visit([](const auto& content) { return json(content); }, value);
  }
  return object;
}

/// What only we know: the object "prumux", beside fields that the source has there.
void write_own_fields(const ModelConfig& config, json& result) {
  json own = json::object();
  if (const auto found = result.find("prumux"); found != result.end() && found->is_object()) {
    own = *found;
  }
  own.erase("multiplexer");
  own.erase("head");
  if (config.multiplexer) {
    const MultiplexerConfig& multiplexer = *config.multiplexer;
    own["multiplexer"] = {
        {"method", multiplexer.method},
        {"num_instances", multiplexer.num_instances},
        {"padding", multiplexer.padding == PaddingSemantics::masked ? "masked" : "attended"},
        {"cls_token_id", multiplexer.cls_token_id},
        {"parameters", to_json_object(multiplexer.parameters)}};
  }
  if (config.head_method) {
    own["head"] = {{"method", config.head_method->method},
                   {"parameters", to_json_object(config.head_method->parameters)}};
  }
  result.erase("prumux");
  if (!own.empty()) result["prumux"] = own;
}

}  // namespace

ModelConfig ModelConfig::load(const std::filesystem::path& directory) {
  const std::filesystem::path file = directory / "config.json";
  ModelConfig config;
  config.source = parse(file);
  const Fields fields(config.source, "'" + file.string() + "'");
  config.encoder = read_encoder(fields);
  config.label_names = read_label_names(fields);
  const auto labels = static_cast<std::int64_t>(config.label_names.size());
  config.num_labels = labels > 0 ? labels : fields.integer("num_labels", 2, 1);
  config.head = head_of(config.source);
  if (config.head == HeadKind::discriminator) {
    config.num_labels = 1;
    config.label_names.clear();
  }
  if (fields.has("finetuning_task") && fields.at("finetuning_task").is_string()) {
    config.finetuning_task = fields.at("finetuning_task").get<std::string>();
  }
  config.classifier_dropout =
      fields.real("classifier_dropout", config.encoder.hidden_dropout_prob, 0.0, 1.0);
  if (fields.has("prumux") && !fields.at("prumux").is_object()) fields.fail("prumux", "an object");
  config.head_method = find_head(fields);
  if (config.head_method && config.head != HeadKind::sequence) {
    fields.fail("architectures", "a class ...ForSequenceClassification for the head of a plugin");
  }
  config.multiplexer = find_multiplexer(fields, config.source);
  return config;
}

json ModelConfig::to_json() const {
  json result = source;
  if (stored_class(source) != class_name(*this)) result["architectures"] = {class_name(*this)};
  result["model_type"] = encoder.model_type;
  result["hidden_act"] = "gelu";
  result["vocab_size"] = encoder.vocab_size;
  result["hidden_size"] = encoder.hidden_size;
  result["num_hidden_layers"] = encoder.num_hidden_layers;
  result["num_attention_heads"] = encoder.num_attention_heads;
  result["intermediate_size"] = encoder.intermediate_size;
  result["max_position_embeddings"] = encoder.max_position_embeddings;
  result["type_vocab_size"] = encoder.type_vocab_size;
  if (encoder.model_type == "electra") result["embedding_size"] = encoder.embedding_size;
  result["pad_token_id"] = encoder.pad_token_id;
  result["layer_norm_eps"] = encoder.layer_norm_eps;
  result["hidden_dropout_prob"] = encoder.hidden_dropout_prob;
  result["attention_probs_dropout_prob"] = encoder.attention_probs_dropout_prob;
  result["initializer_range"] = encoder.initializer_range;
  if (classifier_dropout != encoder.hidden_dropout_prob) {
    result["classifier_dropout"] = classifier_dropout;
  }

  result.erase("num_labels");
  json id_to_label = json::object();
  json label_to_id = json::object();
  for (std::int64_t label = 0; label < num_labels; ++label) {
    const auto position = static_cast<std::size_t>(label);
    const std::string name =
        position < label_names.size() ? label_names[position] : "LABEL_" + std::to_string(label);
    id_to_label[std::to_string(label)] = name;
    label_to_id[name] = label;
  }
  result["id2label"] = id_to_label;
  result["label2id"] = label_to_id;

  if (!finetuning_task.empty()) result["finetuning_task"] = finetuning_task;
  if (multiplexer) result["num_instances"] = multiplexer->num_instances;
  write_own_fields(*this, result);
  return result;
}

}  // namespace prumux::model
