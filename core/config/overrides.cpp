#include "core/config/overrides.h"

#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "core/config/nearest.h"
#include "core/config/scalar.h"
#include "core/config/yaml_reader.h"
#include "prumux/error.h"

namespace prumux::config {
namespace {

std::optional<std::vector<std::string>> split(const std::string& path) {
  std::vector<std::string> parts(1);
  for (const char character : path) {
    if (character == '.') {
      parts.emplace_back();
    } else {
      parts.back() += character;
    }
  }
  for (const std::string& part : parts) {
    if (part.empty()) return std::nullopt;
  }
  return parts;
}

std::optional<std::size_t> find_entry(const Value& list, const std::string& name) {
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    if (entry_name(list, i) == name) return i;
  }
  const auto number = parse_integer(name);
  if (number && *number >= 0 && *number < static_cast<std::int64_t>(list.items.size())) {
    return static_cast<std::size_t>(*number);
  }
  return std::nullopt;
}

[[noreturn]] void no_such_entry(const Value& list, const std::string& where,
                                const std::string& name, const Place& place) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < list.items.size(); ++i) names.push_back(entry_name(list, i));
  throw ConfigError(place.text() + ": no entry '" + name + "' in '" + where + "' - " +
                    suggestion(name, names));
}

const Value* find_child(const Value& parent, const std::string& name) {
  if (!parent.is_list()) return parent.find(name);
  const auto index = find_entry(parent, name);
  return index ? &parent.items[*index] : nullptr;
}

/// The child that `name` addresses, made when a map lacks it.
Value* descend(Value* current, const std::string& where, const std::string& name,
               const Place& place) {
  if (current->is_null()) *current = Value::map(place);
  if (current->is_list()) {
    const auto index = find_entry(*current, name);
    if (!index) no_such_entry(*current, where, name, place);
    return &current->items[*index];
  }
  if (!current->is_map()) {
    throw ConfigError(place.text() + ": '" + where + "' is " + describe(*current) + " (" +
                      current->place.text() + ") - expected a map to set '" + name + "' in");
  }
  if (!current->has(name)) current->set(name, place, Value{});
  return current->find(name);
}

}  // namespace

std::string entry_name(const Value& list, std::size_t index) {
  for (const char* key : {"id", "stage"}) {
    const Value* name = list.items[index].find(key);
    if (name != nullptr && name->is_scalar()) return name->text;
  }
  return std::to_string(index);
}

void set_at(Value& root, const std::string& path, Value value, const Place& place) {
  const auto parts = split(path);
  if (!parts) {
    throw ConfigError(place.text() + ": the path '" + path +
                      "' - expected names joined by points, such as model.from");
  }
  Value* parent = nullptr;
  Value* current = &root;
  std::string where;
  for (const std::string& name : *parts) {
    parent = current;
    current = descend(current, where, name, place);
    where += (where.empty() ? "" : ".") + name;
  }
  if (parent != nullptr && parent->is_map()) {
    parent->set(parts->back(), place, std::move(value));
  } else {
    *current = std::move(value);
  }
}

const Value* find_at(const Value& root, const std::string& path) {
  const auto parts = split(path);
  const Value* current = parts ? &root : nullptr;
  for (std::size_t i = 0; current != nullptr && i < parts->size(); ++i) {
    current = find_child(*current, (*parts)[i]);
  }
  return current;
}

std::string numbered_path(const Value& root, const std::string& path) {
  const auto parts = split(path);
  if (!parts) return path;
  std::string result;
  const Value* current = &root;
  for (const std::string& name : *parts) {
    const Value* child = current == nullptr ? nullptr : find_child(*current, name);
    const bool is_entry = child != nullptr && current->is_list();
    result += result.empty() ? "" : ".";
    result += is_entry ? std::to_string(child - current->items.data()) : name;
    current = child;
  }
  return result;
}

void apply_override(Value& root, const std::string& assignment) {
  const Place place{"--set " + assignment, 0, 0, std::filesystem::current_path()};
  const std::size_t equals = assignment.find('=');
  if (equals == std::string::npos) {
    throw ConfigError(place.text() + ": no '=' - expected a path and a value, such as " +
                      "--set stages.finetune.learning_rate=2e-5");
  }
  Value value = parse_yaml(std::string_view(assignment).substr(equals + 1), place);
  set_at(root, assignment.substr(0, equals), std::move(value), place);
}

}  // namespace prumux::config
