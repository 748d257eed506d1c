#include "core/config/yaml_reader.h"

#include <unicode/utf8.h>
#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cstddef>

#include "prumux/error.h"

namespace prumux::config {
namespace {

constexpr int kMaximumDepth = 100;
constexpr int kMaximumValues = 100'000;
constexpr const char* kZeroByte = "a zero byte - expected text";

[[noreturn]] void fail(const Place& place, const std::string& message) {
  throw ConfigError(place.text() + ": " + message);
}

Place place_at(const Place& origin, int line, int column) {
  Place place = origin;
  if (origin.line != 0) {
    place.line = line;
    place.column = column;
  }
  return place;
}

Place place_at(const Place& origin, const YAML::Mark& mark) {
  return mark.is_null() ? origin : place_at(origin, mark.line + 1, mark.column + 1);
}

void check_utf8(std::string_view text, const Place& origin) {
  const auto size = static_cast<std::int32_t>(text.size());
  std::int32_t line_start = 0;
  int line = 1;
  for (std::int32_t next = 0; next < size;) {
    const std::int32_t position = next;
    UChar32 character = 0;
    U8_NEXT(text.data(), next, size, character);
    if (character < 0 || character == 0) {
      fail(place_at(origin, line, position - line_start + 1),
           character == 0 ? kZeroByte
                          : "not UTF-8 - expected YAML in UTF-8; convert the file with iconv");
    }
    if (character == '\n') {
      ++line;
      line_start = next;
    }
  }
}

class Converter {
 public:
  explicit Converter(const Place& origin) : origin_(origin) {}

  Value convert(const YAML::Node& node, int depth) {
    const Place place = place_at(origin_, node.Mark());
    if (depth > kMaximumDepth || ++values_ > kMaximumValues) {
      fail(place, "too many nested values - expected no alias that contains itself");
    }
    const std::string& tag = node.Tag();
    if (!tag.empty() && tag != "?" && tag != "!") {
      fail(place, "the tag '" + tag + "' - expected a value without a tag");
    }
    if (node.IsScalar()) return Value::scalar(text(node, place), place, tag == "!");
    if (node.IsSequence()) {
      Value list = Value::list(place);
      for (const YAML::Node& item : node) list.items.push_back(convert(item, depth + 1));
      return list;
    }
    if (node.IsMap()) return convert_map(node, place, depth);
    Value nothing;
    nothing.place = place;
    return nothing;
  }

 private:
  /// An escape can stand for the byte that the file itself may not have.
  static const std::string& text(const YAML::Node& scalar, const Place& place) {
    const std::string& text = scalar.Scalar();
    if (text.find('\0') != std::string::npos) fail(place, kZeroByte);
    return text;
  }

  Value convert_map(const YAML::Node& node, const Place& place, int depth) {
    Value map = Value::map(place);
    for (const auto& entry : node) {
      const Place key_place = place_at(origin_, entry.first.Mark());
      if (!entry.first.IsScalar()) fail(key_place, "a key that is not text - expected a name");
      const std::string& key = text(entry.first, key_place);
      const auto same = std::find_if(map.entries.begin(), map.entries.end(),
                                     [&](const Value::Entry& old) { return old.key == key; });
      if (same != map.entries.end()) {
        fail(key_place, "the key '" + key + "' is there twice - the first is at " +
                            same->key_place.text() + "; remove one");
      }
      map.entries.push_back({key, key_place, convert(entry.second, depth + 1)});
    }
    return map;
  }

  const Place& origin_;
  int values_ = 0;
};

}  // namespace

Value parse_yaml(std::string_view text, const Place& origin) {
  constexpr std::size_t kMaximumBytes = 16 << 20;
  if (text.size() > kMaximumBytes) fail(origin, "more than 16 MiB - expected a configuration");
  check_utf8(text, origin);
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(text));
    if (documents.empty()) {
      Value nothing;
      nothing.place = origin;
      return nothing;
    }
    if (documents.size() > 1) {
      fail(place_at(origin, documents[1].Mark()), "a second document - expected only one");
    }
    return Converter(origin).convert(documents.front(), 0);
  } catch (const YAML::DeepRecursion& problem) {
    // The text that it brings along is "bad file".
    fail(place_at(origin, problem.mark), "too many nested values - expected a configuration");
  } catch (const YAML::Exception& problem) {
    fail(place_at(origin, problem.mark), "not valid YAML: " + problem.msg);
  }
}

}  // namespace prumux::config
