#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <istream>
#include <optional>
#include <string>

#include "core/text/task.h"
#include "core/text/tokenizer.h"

namespace prumux::text {

/// One row of a task's file, not yet interpreted.
struct Example {
  std::string first;
  std::string second;    ///< Empty for a task with single texts.
  std::string label;     ///< Empty when the file has no labels.
  std::size_t line = 0;  ///< From 1.
};

enum class ExampleFormat {
  kTsv,        ///< With a header, or two (pairs: three) columns without. No quoting.
  kJsonLines,  ///< One object a line, keys as the TSV header.
  kText,       ///< One text a line (pairs: two, separated by a tab), no labels.
};

enum class Labels { kRequired, kIgnored };

/// By the file's extension, in any case: .jsonl and .json are JSON lines, .txt is text, .tsv is
/// TSV. None for others.
std::optional<ExampleFormat> find_format(const std::filesystem::path& file);

/// The same; throws `DataError` for others.
ExampleFormat format_of(const std::filesystem::path& file);

/// Calls `consume` for every row. Throws `DataError` with file and line: not UTF-8, wrong number of
/// columns, missing columns, no rows. With `Labels::kIgnored` a file may lack the label column, in
/// all rows.
void read_examples(const std::filesystem::path& file, const Task& task, Labels labels,
                   const std::function<void(const Example&)>& consume);

/// The same for a stream; `name` stands for the file in messages.
void read_examples(std::istream& stream, const std::string& name, ExampleFormat format,
                   const Task& task, Labels labels,
                   const std::function<void(const Example&)>& consume);

/// As a model reads it, cut to `max_length` tokens (see `Tokenizer`).
Encoding encode(const Example& example, const Task& task, const Tokenizer& tokenizer,
                std::size_t max_length);

}  // namespace prumux::text
