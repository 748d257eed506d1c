#include "core/config/validate.h"

#include <algorithm>

#include "core/config/nearest.h"
#include "core/config/overrides.h"
#include "core/config/scalar.h"
#include "core/config/yaml_reader.h"

namespace prumux::config {
namespace {

class Validator {
 public:
  explicit Validator(Problems& problems) : problems_(problems) {}

  Value map(const Value& given, const std::vector<Field>& fields, const std::string& path) {
    Value result = Value::map(given.place);
    report_unknown_keys(given, fields, path);
    for (const Field& field : fields) {
      const std::string child = path.empty() ? field.name : path + "." + field.name;
      const auto entry =
          std::find_if(given.entries.begin(), given.entries.end(),
                       [&](const Value::Entry& candidate) { return candidate.key == field.name; });
      if (entry != given.entries.end() && !entry->value.is_null()) {
        result.set(field.name, entry->key_place, value(entry->value, field, child));
      } else if (field.default_value) {
        result.set(field.name, Place{}, value(default_of(field, given.place), field, child));
      } else if (field.required) {
        const Place& place = entry == given.entries.end() ? given.place : entry->key_place;
        problems_.add(place, "'" + child + "' is missing - expected " + expectation(field) +
                                 (field.help.empty() ? "" : ": " + field.help));
      }
    }
    return result;
  }

 private:
  /// A value that a default map lacks is missing in the map around it, and a path begins there too.
  static Value default_of(const Field& field, const Place& around) {
    Value result = parse_yaml(*field.default_value, Place{.folder = around.folder});
    if (result.is_map()) result.place = around;
    return result;
  }

  Value value(const Value& given, const Field& field, const std::string& path) {
    if (field.type == Type::map) return map_value(given, field, path);
    if (field.type == Type::list) return list(given, field, path);
    if (!given.is_scalar()) return refuse(given, field, path);
    return scalar(given, field, path);
  }

  Value map_value(const Value& given, const Field& field, const std::string& path) {
    if (!given.is_map()) return refuse(given, field, path);
    if (field.choose) {
      const auto fields = field.choose(given, problems_);
      return fields ? map(given, *fields, path) : given;
    }
    if (!field.element) return map(given, field.fields, path);
    Value result = Value::map(given.place);
    for (const Value::Entry& entry : given.entries) {
      if (entry.value.is_null()) continue;
      result.set(entry.key, entry.key_place,
                 value(entry.value, *field.element, path + "." + entry.key));
    }
    return result;
  }

  Value list(const Value& given, const Field& field, const std::string& path) {
    if (!given.is_list()) return refuse(given, field, path);
    Value result = Value::list(given.place);
    for (std::size_t i = 0; i < given.items.size(); ++i) {
      result.items.push_back(
          value(given.items[i], *field.element, path + "." + entry_name(given, i)));
    }
    return result;
  }

  Value scalar(const Value& given, const Field& field, const std::string& path) {
    Value result = given;
    switch (field.type) {
      case Type::boolean:
        if (given.quoted || !parse_boolean(given.text)) return refuse(given, field, path);
        result.text = *parse_boolean(given.text) ? "true" : "false";
        return result;
      case Type::integer: {
        const auto number = parse_integer(given.text);
        if (given.quoted || !number || !in_range(static_cast<double>(*number), field)) {
          return refuse(given, field, path);
        }
        result.text = std::to_string(*number);
        return result;
      }
      case Type::real: {
        const auto number = parse_real(given.text);
        if (given.quoted || !number || !in_range(*number, field)) {
          return refuse(given, field, path);
        }
        result.text = format_real(*number);
        return result;
      }
      case Type::path:
        if (given.text.empty()) return refuse(given, field, path);
        result.text = given.path().string();
        return result;
      case Type::string:
        if (!field.choices.empty() && std::find(field.choices.begin(), field.choices.end(),
                                                given.text) == field.choices.end()) {
          return refuse(given, field, path);
        }
        return result;
      default:
        return result;
    }
  }

  static bool in_range(double number, const Field& field) {
    return number >= field.minimum && number <= field.maximum;
  }

  Value refuse(const Value& given, const Field& field, const std::string& path) {
    std::string message = path;
    message += given.is_scalar() ? " '" + given.text + "'" : " is " + describe(given);
    if (given.is_scalar() && given.quoted && field.type != Type::string) message += " in quotes";
    message += " - expected " + expectation(field);
    if (const auto nearest = nearest_name(given.text, field.choices)) {
      message += " (did you mean '" + *nearest + "'?)";
    }
    problems_.add(given.place, message);
    return given;
  }

  void report_unknown_keys(const Value& given, const std::vector<Field>& fields,
                           const std::string& path) {
    std::vector<std::string> names;
    for (const Field& field : fields) names.push_back(field.name);
    for (const Value::Entry& entry : given.entries) {
      if (std::find(names.begin(), names.end(), entry.key) != names.end()) continue;
      problems_.add(entry.key_place, "unknown key '" + entry.key + "'" +
                                         (path.empty() ? "" : " in '" + path + "'") + " - " +
                                         suggestion(entry.key, names));
    }
  }

  Problems& problems_;
};

}  // namespace

Value validate(const Value& given, const std::vector<Field>& fields, Problems& problems) {
  return Validator(problems).map(given, fields, "");
}

Value validate(const Value& given, const std::vector<Field>& fields) {
  Problems problems;
  Value result = validate(given, fields, problems);
  problems.throw_if_any();
  return result;
}

}  // namespace prumux::config
