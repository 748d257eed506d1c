#include "core/config/plugin_schema.h"

#include <string>

namespace prumux::config {
namespace {

Type type_of(std::uint32_t type) {
  switch (type) {
    case PRUMUX_BOOLEAN:
      return Type::boolean;
    case PRUMUX_INTEGER:
      return Type::integer;
    case PRUMUX_REAL:
      return Type::real;
    case PRUMUX_REAL_LIST:
      return Type::list;
    default:
      return Type::string;
  }
}

std::vector<std::string> split_choices(const char* choices) {
  std::vector<std::string> result;
  if (choices == nullptr) return result;
  result.emplace_back();
  for (const char* character = choices; *character != '\0'; ++character) {
    if (*character == '|') {
      result.emplace_back();
    } else {
      result.back() += *character;
    }
  }
  return result;
}

std::string text_of(const char* text) { return text == nullptr ? "" : text; }

Field field_of(const PrumuxParameterV1& parameter) {
  Field field;
  field.name = text_of(parameter.name);
  field.type = type_of(parameter.type);
  field.required = parameter.default_value == nullptr;
  if (!field.required) field.default_value = parameter.default_value;
  field.choices = split_choices(parameter.choices);
  field.help = text_of(parameter.help);
  field.minimum = parameter.minimum;
  field.maximum = parameter.maximum;
  field.unit = text_of(parameter.unit);
  if (field.type == Type::list) {
    Field item = field;
    item.type = Type::real;
    field.element = element(std::move(item));
  }
  return field;
}

}  // namespace

std::vector<Field> fields_of(const PrumuxParameterV1* parameters, std::uint32_t count) {
  std::vector<Field> fields;
  for (std::uint32_t i = 0; i < count; ++i) fields.push_back(field_of(parameters[i]));
  return fields;
}

Parameters parameters_of(const Value& validated, const PrumuxParameterV1* parameters,
                         std::uint32_t count) {
  Parameters result;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::string name = parameters[i].name;
    const Value& value = validated.at(name);
    switch (type_of(parameters[i].type)) {
      case Type::boolean:
        result.set(name, value.boolean());
        break;
      case Type::integer:
        result.set(name, value.integer());
        break;
      case Type::real:
        result.set(name, value.real());
        break;
      case Type::list:
        result.set(name, value.reals());
        break;
      default:
        result.set(name, value.string());
    }
  }
  return result;
}

}  // namespace prumux::config
