#include "core/config/json_schema.h"

#include <cmath>
#include <optional>

#include "core/config/scalar.h"

namespace prumux::config {
namespace {

using Json = nlohmann::ordered_json;

Json value_schema(const Field& field);

/// A default as JSON; none for one that YAML reads in another way.
std::optional<Json> default_of(const Field& field) {
  const std::string& text = *field.default_value;
  switch (field.type) {
    case Type::boolean:
      return parse_boolean(text).value_or(false);
    case Type::integer:
      if (const auto number = parse_integer(text)) return *number;
      return std::nullopt;
    case Type::real:
      if (const auto number = parse_real(text)) return *number;
      return std::nullopt;
    case Type::string:
    case Type::path:
    case Type::scalar:
      return text;
    default:
      return std::nullopt;  // Maps and lists show the defaults of their parts.
  }
}

std::string description_of(const Field& field) {
  std::string text = field.help;
  if (!field.unit.empty()) text += " (" + field.unit + ")";
  return text;
}

Json map_schema(const std::vector<Field>& fields) {
  Json schema = {{"type", "object"}};
  schema["properties"] = Json::object();
  for (const Field& field : fields) schema["properties"][field.name] = value_schema(field);
  schema["additionalProperties"] = false;
  return schema;
}

/// The field whose only choice tells the variants apart: the first of each.
Json variants_schema(const std::vector<std::vector<Field>>& variants) {
  Json schema = {{"type", "object"}};
  const std::string key = variants.front().front().name;
  Json names = Json::array();
  Json cases = Json::array();
  for (const std::vector<Field>& variant : variants) {
    const std::string& name = variant.front().choices.front();
    names.push_back(name);
    Json condition = {{"properties", {{key, {{"const", name}}}}}, {"required", {key}}};
    cases.push_back({{"if", std::move(condition)}, {"then", map_schema(variant)}});
  }
  schema["properties"][key] = {{"description", description_of(variants.front().front())},
                               {"enum", std::move(names)}};
  schema["allOf"] = std::move(cases);
  return schema;
}

Json number_schema(const char* type, const Field& field) {
  Json schema = {{"type", type}};
  if (std::isfinite(field.minimum)) schema["minimum"] = field.minimum;
  if (std::isfinite(field.maximum)) schema["maximum"] = field.maximum;
  return schema;
}

Json map_value_schema(const Field& field) {
  if (field.choose) {
    const auto variants = field.variants ? field.variants() : std::vector<std::vector<Field>>{};
    return variants.empty() ? Json{{"type", "object"}} : variants_schema(variants);
  }
  if (!field.element) return map_schema(field.fields);
  return {{"type", "object"}, {"additionalProperties", value_schema(*field.element)}};
}

Json type_schema(const Field& field) {
  switch (field.type) {
    case Type::boolean:
      return {{"type", "boolean"}};
    case Type::integer:
      return number_schema("integer", field);
    case Type::real:
      return number_schema("number", field);
    case Type::list:
      return {{"type", "array"}, {"items", value_schema(*field.element)}};
    case Type::map:
      return map_value_schema(field);
    case Type::path:
      return {{"type", "string"}};
    case Type::string:
      if (!field.choices.empty()) return {{"enum", field.choices}};
      [[fallthrough]];
    default:
      // A name may look like a number.
      return {{"type", {"string", "number", "boolean"}}};
  }
}

Json value_schema(const Field& field) {
  Json schema = Json::object();
  if (const std::string text = description_of(field); !text.empty()) schema["description"] = text;
  schema.update(type_schema(field));
  if (field.default_value) {
    if (const auto value = default_of(field)) schema["default"] = *value;
  }
  return schema;
}

}  // namespace

Json json_schema(const std::vector<Field>& fields) {
  Json schema = {{"$schema", "http://json-schema.org/draft-07/schema#"}};
  schema.update(map_schema(fields));
  const Json file = {{"type", "string"}};
  schema["properties"]["extends"] = {
      {"description", "files that this one adds to, or replaces values of"},
      {"anyOf", {file, {{"type", "array"}, {"items", file}}}}};
  return schema;
}

}  // namespace prumux::config
