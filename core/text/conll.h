#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <istream>
#include <string>
#include <vector>

#include "core/text/examples.h"

namespace prumux::text {

/// A sentence of a CoNLL file.
struct Sentence {
  std::vector<std::string> words;
  std::vector<std::string> labels;  ///< One a word; empty texts where the file has none.
  std::vector<std::size_t> lines;   ///< Of each word, from 1.
};

/// Calls `consume` for every sentence of a CoNLL file: one word a line, its label in the last of
/// the columns (tabs, or spaces in a line without tabs), an empty line behind a sentence; lines
/// that begin with -DOCSTART- are passed over. Throws `DataError` with file and line: not UTF-8, no
/// label column, no sentence. With `Labels::kIgnored` a line may be a word alone.
void read_conll(const std::filesystem::path& file, Labels labels,
                const std::function<void(const Sentence&)>& consume);

/// The same for a stream; `name` stands for the file in messages.
void read_conll(std::istream& stream, const std::string& name, Labels labels,
                const std::function<void(const Sentence&)>& consume);

}  // namespace prumux::text
