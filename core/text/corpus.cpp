#include "core/text/corpus.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "core/text/content_hash.h"
#include "core/text/examples.h"
#include "core/text/token_cache.h"
#include "core/text/utf8.h"
#include "prumux/error.h"

namespace prumux::text {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kSpecialCount = 2;  // [CLS] and [SEP]

void tokenize_lines(const fs::path& file, const Tokenizer& tokenizer, TokenStoreWriter& writer) {
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  if (!stream)
    throw IoError(fmt::format("cannot read '{}': {}", file.string(), std::strerror(errno)));
  std::size_t line_number = 0;
  for (std::string line; std::getline(stream, line);) {
    ++line_number;
    require_utf8(line, fmt::format("{}:{}", file.string(), line_number));
    const std::vector<TokenId> ids = tokenizer.tokenize(line);
    if (!ids.empty()) writer.add(ids, ids.size(), 0.0);
  }
  if (stream.bad()) throw IoError(fmt::format("cannot read '{}' to its end", file.string()));
}

void tokenize_examples(const fs::path& file, const Task& task, const Tokenizer& tokenizer,
                       TokenStoreWriter& writer) {
  read_examples(file, task, Labels::kIgnored, [&](const Example& example) {
    for (const std::string& text : {example.first, example.second}) {
      const std::vector<TokenId> ids = tokenizer.tokenize(text);
      if (!ids.empty()) writer.add(ids, ids.size(), 0.0);
    }
  });
}

}  // namespace

bool holds_examples(const fs::path& file, const Task& task) {
  const fs::path extension = file.extension();
  return !task.labels_words &&
         (extension == ".tsv" || extension == ".jsonl" || extension == ".json");
}

Corpus Corpus::open(const std::vector<fs::path>& files, const Tokenizer& tokenizer,
                    const CorpusOptions& options) {
  if (options.chunk_length <= kSpecialCount) {
    throw ConfigError(
        fmt::format("a chunk of {} tokens has no room for text beside [CLS] and "
                    "[SEP]; expected at least {}",
                    options.chunk_length, kSpecialCount + 1));
  }
  if (files.empty()) throw ConfigError("a corpus needs at least one text file");
  Corpus corpus;
  corpus.text_length_ = options.chunk_length - kSpecialCount;
  corpus.line_per_chunk_ = options.line_per_chunk;
  corpus.class_id_ = tokenizer.class_id();
  corpus.separator_id_ = tokenizer.separator_id();
  corpus.padding_id_ = tokenizer.padding_id();

  const std::string fingerprint = tokenizer.fingerprint();
  std::size_t end = 0;
  for (const fs::path& file : files) {
    const bool examples = options.task != nullptr && holds_examples(file, *options.task);
    const std::string kind = examples ? "examples of " + options.task->name : "corpus 1";
    const std::string key = ContentHash().add(kind).add(fingerprint).add_file(file).hex();
    corpus.stores_.push_back(open_or_build_cache(
        options.cache_folder / "corpora" / (key + ".tokens"), [&](TokenStoreWriter& writer) {
          if (examples) {
            tokenize_examples(file, *options.task, tokenizer, writer);
          } else {
            tokenize_lines(file, tokenizer, writer);
          }
        }));
    const TokenStore& store = *corpus.stores_.back();
    corpus.begins_.push_back(end);
    end += options.line_per_chunk ? store.row_count() : store.token_count();
  }
  corpus.size_ = options.line_per_chunk ? end : end / corpus.text_length_;
  if (corpus.size_ == 0) {
    throw DataError(fmt::format(
        "the corpus ('{}'{}) has {} {}, too little for one chunk of {} tokens; add text",
        files.front().string(), files.size() > 1 ? " and others" : "", end,
        options.line_per_chunk ? "lines" : "tokens", options.chunk_length));
  }
  return corpus;
}

std::size_t Corpus::store_of(std::size_t position) const {
  const auto after = std::upper_bound(begins_.begin(), begins_.end(), position);
  return static_cast<std::size_t>(after - begins_.begin()) - 1;
}

std::vector<TokenId> Corpus::chunk(std::size_t index) const {
  if (index >= size_) throw DataError(fmt::format("no chunk {} among {}", index, size_));
  std::vector<TokenId> ids{class_id_};
  ids.reserve(text_length_ + kSpecialCount);
  if (line_per_chunk_) {
    const std::size_t file = store_of(index);
    const auto line = stores_[file]->ids(index - begins_[file]);
    ids.insert(ids.end(), line.begin(),
               line.begin() + static_cast<std::ptrdiff_t>(std::min(line.size(), text_length_)));
  } else {
    std::size_t position = index * text_length_;
    std::size_t missing = text_length_;
    for (std::size_t file = store_of(position); missing > 0; ++file) {
      const auto rest = stores_[file]->tokens().subspan(position - begins_[file]);
      const auto part = rest.first(std::min(rest.size(), missing));
      ids.insert(ids.end(), part.begin(), part.end());
      position += part.size();
      missing -= part.size();
    }
  }
  ids.push_back(separator_id_);
  return ids;
}

std::vector<std::uint32_t> Corpus::lengths() const {
  std::vector<std::uint32_t> lengths(size_,
                                     static_cast<std::uint32_t>(text_length_ + kSpecialCount));
  if (!line_per_chunk_) return lengths;
  std::size_t chunk = 0;
  for (const auto& store : stores_) {
    for (std::size_t row = 0; row < store->row_count(); ++row) {
      lengths[chunk++] =
          static_cast<std::uint32_t>(std::min(store->length(row), text_length_) + kSpecialCount);
    }
  }
  return lengths;
}

}  // namespace prumux::text
