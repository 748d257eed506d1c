#include "core/prediction/csv.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "prumux/error.h"

namespace prumux::prediction {
namespace {

constexpr std::string_view kBlanks = " \t\r";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

/// Takes the quoted field at the front of `rest`.
std::string take_quoted(std::string_view& rest, const std::string& place) {
  std::string field;
  for (std::size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] != '"') {
      field += rest[i];
    } else if (i + 1 < rest.size() && rest[i + 1] == '"') {
      field += rest[i++];
    } else {
      rest = trimmed(rest.substr(i + 1));
      return field;
    }
  }
  throw DataError(fmt::format("{}: a quote is not closed in its line: {}; add the closing \"",
                              place, excerpt(rest)));
}

std::vector<std::string> split(std::string_view line, const std::string& place) {
  std::vector<std::string> fields;
  std::string_view rest = trimmed(line);
  while (true) {
    if (rest.starts_with('"')) {
      fields.push_back(take_quoted(rest, place));
      if (!rest.empty() && rest.front() != ',') {
        throw DataError(fmt::format("{}: expected a comma after the quoted field, found {}", place,
                                    excerpt(rest)));
      }
    } else {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      fields.emplace_back(trimmed(rest.substr(0, comma)));
      rest.remove_prefix(comma);
    }
    if (rest.empty()) return fields;
    rest = trimmed(rest.substr(1));
    if (rest.empty()) {
      fields.emplace_back();
      return fields;
    }
  }
}

}  // namespace

std::vector<CsvLine> parse_csv(std::string_view text, const std::string& name) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  std::vector<CsvLine> lines;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (trimmed(line).empty()) continue;
    lines.push_back({number, split(line, fmt::format("{}:{}", name, number))});
  }
  return lines;
}

std::string csv_field(const std::string& field) {
  const bool plain =
      field.find_first_of("\",") == std::string::npos && trimmed(field).size() == field.size();
  if (plain) return field;
  std::string quoted = "\"";
  for (const char character : field) {
    if (character == '"') quoted += '"';
    quoted += character;
  }
  return quoted + '"';
}

std::string excerpt(std::string_view text) {
  constexpr std::size_t kLongest = 60;
  std::string result(text.substr(0, kLongest));
  std::ranges::replace_if(
      result, [](char character) { return static_cast<unsigned char>(character) < ' '; }, '?');
  return '\'' + result + (text.size() > kLongest ? "...'" : "'");
}

}  // namespace prumux::prediction
