#include "core/plugin/description.h"

#include <cmath>
#include <optional>
#include <span>

#include "core/config/plugin_schema.h"
#include "core/plugin/fingerprint_reader.h"
#include "core/plugin/kind.h"
#include "prumux/error.h"

namespace prumux::plugin {

namespace {

using Json = nlohmann::ordered_json;

struct CapabilityText {
  PrumuxCapability flag;
  const char* text;
  const char* word;
};

constexpr CapabilityText kCapabilities[] = {
    {PRUMUX_NEEDS_TEACHER, "needs a teacher", "needs_teacher"},
    {PRUMUX_NEEDS_CUDA, "needs CUDA", "needs_cuda"},
    {PRUMUX_NEEDS_CALIBRATION_DATA, "needs calibration data", "needs_calibration_data"},
    {PRUMUX_READS_MODEL, "reads a model", "reads_model"},
    {PRUMUX_WRITES_MODEL, "leaves a model", "writes_model"},
    {PRUMUX_READS_TRAINING_DATA, "reads the training data", "reads_training_data"},
    {PRUMUX_READS_HELD_OUT_DATA, "reads the held-out data", "reads_held_out_data"},
    {PRUMUX_RUNS_AFTER_CELLS, "runs once, after all cells", "runs_after_cells"},
    {PRUMUX_ZERO_MASKS_ARE_CONSTANT, "masks of zero are constant", "zero_masks_are_constant"},
};

const char* type_word(std::uint32_t type) {
  constexpr const char* kWords[] = {"boolean", "integer", "real", "string", "real_list"};
  return kWords[type - PRUMUX_BOOLEAN];
}

Json parameter_json(const PrumuxParameterV1& parameter) {
  Json json = {{"name", parameter.name}, {"type", type_word(parameter.type)}};
  json["required"] = parameter.default_value == nullptr;
  if (parameter.default_value != nullptr) json["default"] = parameter.default_value;
  if (std::isfinite(parameter.minimum)) json["minimum"] = parameter.minimum;
  if (std::isfinite(parameter.maximum)) json["maximum"] = parameter.maximum;
  if (parameter.choices != nullptr) {
    json["choices"] = config::fields_of(&parameter, 1).front().choices;
  }
  json["unit"] = parameter.unit;
  json["help"] = parameter.help;
  return json;
}

Json build_json(const std::filesystem::path& file) {
  std::optional<PrumuxFingerprintV1> build;
  try {
    build = read_fingerprint(file);
  } catch (const PluginError&) {
    return nullptr;  // The reason of the rejection says it.
  }
  if (!build) return nullptr;
  Json json = {{"sdk", field_text(build->sdk_version)},
               {"abi", std::to_string(build->abi_major) + "." + std::to_string(build->abi_minor)},
               {"libtorch", field_text(build->torch_version)},
               {"compiler", field_text(build->compiler)},
               {"cxx11_abi", build->cxx11_abi},
               {"debug_stl", build->debug_stl != 0},
               {"cxx_standard", build->cxx_standard},
               {"build_kind", field_text(build->build_kind)}};
  json["differs_from_host"] = Json::array();
  for (const auto& found : {check_compatibility(*build), harmless_differences(*build)}) {
    for (const Mismatch& mismatch : found) {
      json["differs_from_host"].push_back({{"field", mismatch.field},
                                           {"plugin", mismatch.plugin_value},
                                           {"host", mismatch.host_value}});
    }
  }
  return json;
}

}  // namespace

std::vector<std::string> capability_texts(std::uint32_t capabilities) {
  std::vector<std::string> texts;
  for (const CapabilityText& capability : kCapabilities) {
    if ((capabilities & capability.flag) != 0) texts.emplace_back(capability.text);
  }
  return texts;
}

std::vector<Mismatch> harmless_differences(const PrumuxFingerprintV1& plugin) {
  const PrumuxFingerprintV1& host = host_fingerprint();
  std::vector<Mismatch> differences;
  const auto compare = [&](const char* field, const std::string& of_plugin,
                           const std::string& of_host) {
    if (of_plugin != of_host) differences.push_back({field, of_plugin, of_host, ""});
  };
  compare("SDK", field_text(plugin.sdk_version), field_text(host.sdk_version));
  if (plugin.abi_major == host.abi_major && plugin.abi_minor < host.abi_minor) {
    compare("ABI minor version", std::to_string(plugin.abi_minor), std::to_string(host.abi_minor));
  }
  compare("C++ standard", std::to_string(plugin.cxx_standard), std::to_string(host.cxx_standard));
  compare("build kind", field_text(plugin.build_kind), field_text(host.build_kind));
  return differences;
}

Json to_json(const Method& method) {
  const PrumuxMethodV1& descriptor = *method.descriptor;
  Json json = {{"name", descriptor.name},
               {"kind", find_kind(descriptor.kind)->word},
               {"interface_version", descriptor.interface_version},
               {"summary", descriptor.summary},
               {"source", descriptor.source}};
  json["capabilities"] = Json::array();
  for (const CapabilityText& capability : kCapabilities) {
    if ((descriptor.capabilities & capability.flag) != 0) {
      json["capabilities"].push_back(capability.word);
    }
  }
  json["parameters"] = Json::array();
  for (const PrumuxParameterV1& parameter :
       std::span(descriptor.parameters, descriptor.num_parameters)) {
    json["parameters"].push_back(parameter_json(parameter));
  }
  json["plugin"] = method.plugin->name;
  json["version"] = method.plugin->version;
  json["license"] = method.plugin->license;
  json["file"] = method.file.string();
  json["build"] = build_json(method.file);
  return json;
}

Json to_json(const Rejection& rejection) {
  return {{"file", rejection.file.string()},
          {"reason", rejection.reason},
          {"build", build_json(rejection.file)}};
}

Json to_json(Registry& registry) {
  Json json = Json::object();
  json["methods"] = Json::array();
  for (const Method& method : registry.methods()) json["methods"].push_back(to_json(method));
  json["rejected"] = Json::array();
  for (const Rejection& rejection : registry.rejections()) {
    json["rejected"].push_back(to_json(rejection));
  }
  json["search_path"] = Json::array();
  for (const auto& folder : registry.search_path()) json["search_path"].push_back(folder.string());
  return json;
}

}  // namespace prumux::plugin
