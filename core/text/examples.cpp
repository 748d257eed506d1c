#include "core/text/examples.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "core/text/lines.h"
#include "core/text/utf8.h"
#include "prumux/error.h"

namespace prumux::text {
namespace {

using nlohmann::json;
using Consumer = std::function<void(const Example&)>;

std::vector<std::string_view> split_at_tabs(std::string_view line) {
  std::vector<std::string_view> fields;
  for (std::size_t begin = 0;;) {
    const std::size_t end = line.find('\t', begin);
    fields.push_back(line.substr(begin, end - begin));
    if (end == std::string_view::npos) return fields;
    begin = end + 1;
  }
}

/// Reads one stream; the three formats share its line loop.
class Reader {
 public:
  Reader(std::istream& stream, const std::string& name, const Task& task, Labels labels,
         const Consumer& consume)
      : lines_(stream, name), task_(task), labels_(labels), consume_(consume) {}

  void read(ExampleFormat format) {
    std::size_t examples = 0;
    for (std::string line; lines_.next(line);) {
      if (line.empty() && format != ExampleFormat::kText) continue;
      std::optional<Example> example = parse(line, format);
      if (!example) continue;
      example->line = lines_.number();
      consume_(*example);
      ++examples;
    }
    if (examples == 0) {
      throw DataError(fmt::format("{}: no rows; expected at least one row of task '{}'",
                                  lines_.name(), task_.name));
    }
  }

 private:
  /// Where each part of an example stands in a TSV row.
  struct Columns {
    std::vector<std::size_t> texts;
    std::optional<std::size_t> label;
    std::size_t count = 0;
    std::string names;  // of all columns
  };

  std::string place() const { return lines_.place(); }

  std::optional<Example> parse(std::string_view line, ExampleFormat format) {
    switch (format) {
      case ExampleFormat::kTsv:
        return parse_tsv(line);
      case ExampleFormat::kJsonLines:
        return parse_json(line);
      case ExampleFormat::kText:
        return parse_text(line);
    }
    return std::nullopt;
  }

  std::optional<Example> parse_tsv(std::string_view line) {
    const auto fields = split_at_tabs(line);
    if (!columns_) {
      columns_ = header_columns(fields);
      if (columns_) return std::nullopt;
      columns_ = positional_columns(fields.size());
    }
    if (fields.size() != columns_->count) {
      throw DataError(fmt::format("{}: {} tab-separated columns, expected {} ({})", place(),
                                  fields.size(), columns_->count, columns_->names));
    }
    Example example;
    example.first = fields[columns_->texts[0]];
    if (task_.is_pair()) example.second = fields[columns_->texts[1]];
    if (columns_->label) example.label = fields[*columns_->label];
    return example;
  }

  /// None when no field is one of the task's column names: then the row is data.
  std::optional<Columns> header_columns(const std::vector<std::string_view>& fields) const {
    const auto find = [&](const std::vector<std::string>& names) -> std::optional<std::size_t> {
      const auto find_as = [&](const auto& normalised) -> std::optional<std::size_t> {
        for (const std::string& name : names) {
          const auto found = std::ranges::find_if(fields, [&](std::string_view field) {
            return normalised(field) == normalised(name);
          });
          if (found != fields.end()) return static_cast<std::size_t>(found - fields.begin());
        }
        return std::nullopt;
      };
      const auto exact = find_as([](std::string_view name) { return name; });
      return exact ? exact : find_as(ascii_lower_case);
    };
    Columns columns;
    columns.count = fields.size();
    columns.names = fmt::format("{}", fmt::join(fields, ", "));
    columns.label = find(task_.label_columns);
    bool is_header = columns.label.has_value();
    std::vector<std::string> missing;
    for (const auto& names : task_.text_columns) {
      const auto column = find(names);
      is_header = is_header || column.has_value();
      if (!column) missing.push_back(names.front());
      columns.texts.push_back(column.value_or(0));
    }
    if (!is_header) return std::nullopt;
    if (!columns.label && labels_ == Labels::kRequired)
      missing.push_back(task_.label_columns.front());
    if (!missing.empty()) {
      throw DataError(fmt::format(
          "{}: the header lacks the column '{}'; found {}, expected {} for task '{}'", place(),
          fmt::join(missing, "' and '"), fmt::join(fields, ", "), expected_columns(), task_.name));
    }
    return columns;
  }

  /// The texts and then the label, which a first row of `count` fields may lack if it is ignored.
  Columns positional_columns(std::size_t count) const {
    const std::size_t texts = task_.text_columns.size();
    Columns columns;
    for (std::size_t i = 0; i < texts; ++i) columns.texts.push_back(i);
    if (labels_ == Labels::kRequired || count != texts) columns.label = texts;
    columns.count = columns.label ? texts + 1 : texts;
    columns.names = columns.label ? expected_columns() : expected_texts();
    return columns;
  }

  std::string expected_columns() const {
    return expected_texts() + ", " + task_.label_columns.front();
  }

  std::string expected_texts() const {
    std::vector<std::string> columns;
    for (const auto& names : task_.text_columns) columns.push_back(names.front());
    return fmt::format("{}", fmt::join(columns, ", "));
  }

  Example parse_json(std::string_view line) const {
    const json object = json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!object.is_object())
      throw DataError(fmt::format("{}: not a JSON object on one line", place()));
    Example example;
    example.first = json_text(object, task_.text_columns[0]);
    if (task_.is_pair()) example.second = json_text(object, task_.text_columns[1]);
    const json* label = json_value(object, task_.label_columns);
    if (label == nullptr && labels_ == Labels::kIgnored) return example;
    if (label == nullptr) fail_missing_key(task_.label_columns.front());
    if (!label->is_string() && !label->is_number() && labels_ == Labels::kRequired) {
      throw DataError(fmt::format("{}: the label is {}, expected a string or a number", place(),
                                  label->dump(-1, ' ', false, json::error_handler_t::replace)));
    }
    example.label = label->is_string()
                        ? label->get<std::string>()
                        : label->dump(-1, ' ', false, json::error_handler_t::replace);
    return example;
  }

  static const json* json_value(const json& object, const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      if (const auto found = object.find(name); found != object.end()) return &*found;
    }
    return nullptr;
  }

  std::string json_text(const json& object, const std::vector<std::string>& names) const {
    const json* value = json_value(object, names);
    if (value == nullptr) fail_missing_key(names.front());
    if (!value->is_string()) {
      throw DataError(fmt::format("{}: '{}' is of type {}, expected a string", place(),
                                  names.front(), value->type_name()));
    }
    return value->get<std::string>();
  }

  [[noreturn]] void fail_missing_key(const std::string& key) const {
    throw DataError(fmt::format("{}: the object lacks the key '{}'; expected {} for task '{}'",
                                place(), key, expected_columns(), task_.name));
  }

  Example parse_text(std::string_view line) const {
    if (labels_ == Labels::kRequired) {
      throw DataError(
          fmt::format("{}: plain text has no labels; expected a TSV or JSON lines file with {}",
                      place(), expected_columns()));
    }
    Example example;
    if (!task_.is_pair()) {
      example.first = line;
      return example;
    }
    const auto fields = split_at_tabs(line);
    if (fields.size() != 2) {
      throw DataError(fmt::format("{}: {} tab-separated texts, expected 2", place(),  //
                                  fields.size()));
    }
    example.first = fields[0];
    example.second = fields[1];
    return example;
  }

  LineReader lines_;
  const Task& task_;
  Labels labels_;
  const Consumer& consume_;
  std::optional<Columns> columns_;
};

}  // namespace

std::optional<ExampleFormat> find_format(const std::filesystem::path& file) {
  const std::string extension = ascii_lower_case(file.extension().string());
  if (extension == ".jsonl" || extension == ".json") return ExampleFormat::kJsonLines;
  if (extension == ".txt") return ExampleFormat::kText;
  if (extension == ".tsv") return ExampleFormat::kTsv;
  return std::nullopt;
}

ExampleFormat format_of(const std::filesystem::path& file) {
  std::error_code code;
  if (std::filesystem::is_directory(file, code))
    throw IoError(fmt::format("'{}' is a folder, expected a file", file.string()));
  if (const auto format = find_format(file)) return *format;
  throw DataError(fmt::format(
      "'{}': what kind of file is this? Expected a name that ends in .tsv, .jsonl, .json or .txt "
      "(infer takes --format instead)",
      file.string()));
}

void read_examples(const std::filesystem::path& file, const Task& task, Labels labels,
                   const Consumer& consume) {
  const ExampleFormat format = format_of(file);
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  if (!stream)
    throw IoError(fmt::format("cannot read '{}': {}", file.string(), std::strerror(errno)));
  read_examples(stream, file.string(), format, task, labels, consume);
}

void read_examples(std::istream& stream, const std::string& name, ExampleFormat format,
                   const Task& task, Labels labels, const Consumer& consume) {
  Reader(stream, name, task, labels, consume).read(format);
}

Encoding encode(const Example& example, const Task& task, const Tokenizer& tokenizer,
                std::size_t max_length) {
  if (task.is_pair()) return tokenizer.encode_pair(example.first, example.second, max_length);
  return tokenizer.encode(example.first, max_length);
}

}  // namespace prumux::text
