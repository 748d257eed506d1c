#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/place.h"

namespace prumux::config {

/// One value of a configuration: nothing, a scalar, a list, or a map in the order of its file, each
/// with its place. Scalars keep their text; `validate` decides what they mean.
struct Value {
  enum class Kind { null, scalar, list, map };
  struct Entry;

  Kind kind = Kind::null;
  Place place{};
  std::string text{};   ///< Of a scalar.
  bool quoted = false;  ///< A scalar in quotes is text, never a number or a truth value.
  std::vector<Value> items;
  std::vector<Entry> entries;

  static Value scalar(std::string text, Place place, bool quoted = false);
  static Value list(Place place);
  static Value map(Place place);

  bool is_null() const { return kind == Kind::null; }
  bool is_scalar() const { return kind == Kind::scalar; }
  bool is_list() const { return kind == Kind::list; }
  bool is_map() const { return kind == Kind::map; }

  /// Of maps; null when the key is not there, or this is not a map.
  const Value* find(std::string_view key) const;
  Value* find(std::string_view key);
  bool has(std::string_view key) const { return find(key) != nullptr; }

  /// The value under `key`. Throws `ConfigError` when it is absent, which for a validated tree
  /// means that the schema does not demand it.
  const Value& at(std::string_view key) const;

  /// Puts `value` under `key`: in the place of an old one, or at the end.
  void set(const std::string& key, const Place& key_place, Value value);
  void remove(std::string_view key);

  /// Typed readings of a scalar. Each throws `ConfigError` with the place when the text is of
  /// another type; after `validate` it never does.
  bool boolean() const;
  std::int64_t integer() const;
  double real() const;
  const std::string& string() const;
  /// Absolute and normal; a relative one begins at the folder of its source.
  std::filesystem::path path() const;

  /// Typed readings of a list.
  std::vector<std::int64_t> integers() const;
  std::vector<double> reals() const;
  std::vector<std::string> strings() const;
};

struct Value::Entry {
  std::string key;
  Place key_place;
  Value value;
};

/// "the value 'x'", "a list", "a map" or "nothing": how messages call a value.
std::string describe(const Value& value);

}  // namespace prumux::config
