#include "recognise.h"

#include <cstring>
#include <exception>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "variants.h"

namespace prumux::datamux {
namespace {

using nlohmann::json;

/// Python configurations write switches as true or as 1.
bool read_switch(const json& config, const char* name, bool otherwise = false) {
  const json value = config.value(name, json(otherwise));
  return value.is_number() ? value.get<double>() != 0.0 : value.get<bool>();
}

/// Whether the class that wrote the file has `part` in its name.
bool is_class(const json& config, const char* part) {
  const json classes = config.value("architectures", json::array());
  return classes.is_array() && !classes.empty() && classes[0].is_string() &&
         classes[0].get_ref<const std::string&>().find(part) != std::string::npos;
}

/// Python configurations write null where a field is not set.
json without_nulls(const json& config) {
  json fields = json::object();
  for (const auto& [name, value] : config.items()) {
    if (!value.is_null()) fields[name] = value;
  }
  return fields;
}

std::optional<json> parameters_of(const json& config) {
  if (config.value("num_instances", std::int64_t{1}) < 2) {
    return std::nullopt;
  }
  const auto muxing = config.value("muxing_variant", std::string());
  const auto demuxing = config.value("demuxing_variant", std::string());
  if (!is_muxing(muxing) || !is_demultiplexing(demuxing)) {
    return std::nullopt;
  }
  const bool is_prefix = demuxing == "index";
  const bool has_output_layer = is_prefix &&
                                config.value("model_type", std::string()) == "roberta" &&
                                !is_class(config, "TokenClassification");
  // Absent fields: the defaults of the reference, not those of this plugin.
  return json{
      {"muxing_variant", muxing},
      {"demuxing_variant", demuxing},
      {"gaussian_hadamard_norm", config.value("gaussian_hadamard_norm", 1.0)},
      {"binary_hadamard_epsilon", config.value("binary_hadamard_epsilon", 0.0)},
      {"learn_muxing", read_switch(config, "learn_muxing")},
      {"num_hidden_demux_layers", config.value("num_hidden_demux_layers", std::int64_t{2})},
      {"legacy_demuxing", demuxing == "index_pos" && read_switch(config, "legacy_demuxing")},
      {"demux_output_layer",
       is_prefix && read_switch(config, "demux_output_layer", has_output_layer)},
      {"muxing_attends_to_padding",
       read_switch(config, "muxing_attends_to_padding", is_class(config, "MaskedLM"))}};
}

}  // namespace

int recognise(const char* config_json, char* parameters_json, std::uint32_t size) noexcept {
  try {
    const std::optional<json> parameters = parameters_of(without_nulls(json::parse(config_json)));
    if (!parameters) {
      return 0;
    }
    const std::string text = parameters->dump();
    if (text.size() >= size) {
      return 0;
    }
    std::memcpy(parameters_json, text.c_str(), text.size() + 1);
    return 1;
  } catch (const std::exception&) {
    return 0;
  }
}

}  // namespace prumux::datamux
