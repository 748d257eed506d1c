#include "core/text/conll.h"

#include <spdlog/fmt/fmt.h>

#include <sstream>
#include <string_view>
#include <utility>

#include "core/io/atomic_file.h"
#include "core/text/lines.h"
#include "prumux/error.h"

namespace prumux::text {
namespace {

struct Columns {
  std::string_view first;
  std::string_view last;
  bool is_single = false;
};

Columns columns_of(std::string_view line) {
  const char separator = line.find('\t') == std::string_view::npos ? ' ' : '\t';
  while (line.ends_with(separator)) line.remove_suffix(1);
  const std::size_t first_end = line.find(separator);
  if (first_end == std::string_view::npos) return {line, {}, true};
  return {line.substr(0, first_end), line.substr(line.rfind(separator) + 1)};
}

}  // namespace

void read_conll(const std::filesystem::path& file, Labels labels,
                const std::function<void(const Sentence&)>& consume) {
  std::istringstream stream(io::read_file(file));
  read_conll(stream, file.string(), labels, consume);
}

void read_conll(std::istream& stream, const std::string& name, Labels labels,
                const std::function<void(const Sentence&)>& consume) {
  Sentence sentence;
  bool is_empty = true;
  const auto finish = [&] {
    if (sentence.words.empty()) return;
    consume(sentence);
    sentence = {};
    is_empty = false;
  };
  LineReader lines(stream, name);
  for (std::string line; lines.next(line);) {
    if (line.find_first_not_of(" \t") == std::string::npos) {
      finish();
      continue;
    }
    if (line.starts_with("-DOCSTART-")) continue;
    const Columns columns = columns_of(line);
    if (columns.first.empty()) {
      throw DataError(
          fmt::format("{}: the line begins with a separator, expected a word", lines.place()));
    }
    if (columns.is_single && labels == Labels::kRequired) {
      throw DataError(
          fmt::format("{}: one column, expected a word and, in the last of several "
                      "columns, its label",
                      lines.place()));
    }
    sentence.words.emplace_back(columns.first);
    sentence.labels.emplace_back(columns.last);
    sentence.lines.push_back(lines.number());
  }
  finish();
  if (is_empty) {
    throw DataError(fmt::format("{}: no sentences; expected lines of a word and its label", name));
  }
}

}  // namespace prumux::text
