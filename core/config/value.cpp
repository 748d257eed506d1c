#include "core/config/value.h"

#include <algorithm>
#include <utility>

#include "core/config/scalar.h"
#include "prumux/error.h"

namespace prumux::config {
namespace {

[[noreturn]] void refuse(const Value& value, const std::string& expected) {
  throw ConfigError(value.place.text() + ": " + describe(value) + " - expected " + expected);
}

const std::string& scalar_text(const Value& value, const std::string& expected) {
  if (!value.is_scalar()) refuse(value, expected);
  return value.text;
}

template <typename Read>
auto read_items(const Value& list, const Read& read) {
  if (!list.is_list()) refuse(list, "a list");
  std::vector<std::decay_t<decltype(read(list))>> result;
  for (const Value& item : list.items) result.push_back(read(item));
  return result;
}

/// The start of a text that is too long for a message: a whole file, when quotes are amiss.
std::string shorten(const std::string& text) {
  constexpr std::size_t kLongest = 60;
  if (text.size() <= kLongest) return text;
  std::size_t end = kLongest;
  // Not in the middle of a character of UTF-8.
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "...";
}

}  // namespace

std::string Place::text() const {
  if (line == 0) return source;
  return source + ':' + std::to_string(line) + ':' + std::to_string(column);
}

Value Value::scalar(std::string text, Place place, bool quoted) {
  Value value;
  value.kind = Kind::scalar;
  value.place = std::move(place);
  value.text = std::move(text);
  value.quoted = quoted;
  return value;
}

Value Value::list(Place place) {
  Value value;
  value.kind = Kind::list;
  value.place = std::move(place);
  return value;
}

Value Value::map(Place place) {
  Value value;
  value.kind = Kind::map;
  value.place = std::move(place);
  return value;
}

const Value* Value::find(std::string_view key) const {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const Entry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &found->value;
}

Value* Value::find(std::string_view key) {
  return const_cast<Value*>(std::as_const(*this).find(key));
}

const Value& Value::at(std::string_view key) const {
  const Value* found = find(key);
  if (found == nullptr) {
    throw ConfigError(place.text() + ": '" + std::string(key) + "' is missing");
  }
  return *found;
}

void Value::set(const std::string& key, const Place& key_place, Value value) {
  for (Entry& entry : entries) {
    if (entry.key != key) continue;
    entry.key_place = key_place;
    entry.value = std::move(value);
    return;
  }
  entries.push_back({key, key_place, std::move(value)});
}

void Value::remove(std::string_view key) {
  std::erase_if(entries, [&](const Entry& entry) { return entry.key == key; });
}

bool Value::boolean() const {
  const auto value = parse_boolean(scalar_text(*this, "true or false"));
  if (!value || quoted) refuse(*this, "true or false");
  return *value;
}

std::int64_t Value::integer() const {
  const auto value = parse_integer(scalar_text(*this, "an integer"));
  if (!value || quoted) refuse(*this, "an integer");
  return *value;
}

double Value::real() const {
  const auto value = parse_real(scalar_text(*this, "a number"));
  if (!value || quoted) refuse(*this, "a number");
  return *value;
}

const std::string& Value::string() const { return scalar_text(*this, "text"); }

std::filesystem::path Value::path() const {
  const std::filesystem::path given = scalar_text(*this, "a path");
  const std::filesystem::path folder =
      place.folder.empty() ? std::filesystem::current_path() : place.folder;
  return (folder / given).lexically_normal();
}

std::vector<std::int64_t> Value::integers() const {
  return read_items(*this, [](const Value& item) { return item.integer(); });
}

std::vector<double> Value::reals() const {
  return read_items(*this, [](const Value& item) { return item.real(); });
}

std::vector<std::string> Value::strings() const {
  return read_items(*this, [](const Value& item) { return item.string(); });
}

std::string describe(const Value& value) {
  switch (value.kind) {
    case Value::Kind::null:
      return "nothing";
    case Value::Kind::scalar:
      return (value.quoted ? "the text '" : "the value '") + shorten(value.text) + "'";
    case Value::Kind::list:
      return "a list";
    case Value::Kind::map:
      return "a map";
  }
  return "nothing";
}

}  // namespace prumux::config
