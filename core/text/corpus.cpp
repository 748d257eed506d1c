#include "core/text/corpus.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

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

/// Each text as a row.
void tokenize_examples(const fs::path& file, const Task& task, const Tokenizer& tokenizer,
                       TokenStoreWriter& writer) {
  read_examples(file, task, Labels::kIgnored, [&](const Example& example) {
    for (const std::string& text : {example.first, example.second}) {
      const std::vector<TokenId> ids = tokenizer.tokenize(text);
      if (!ids.empty()) writer.add(ids, ids.size(), 0.0);
    }
  });
}

/// Each example as a row, as the task reads it.
void encode_examples(const fs::path& file, const Task& task, const Tokenizer& tokenizer,
                     std::size_t max_length, TokenStoreWriter& writer) {
  const std::size_t special_count = encode({}, task, tokenizer, kNoLengthLimit).ids.size();
  read_examples(file, task, Labels::kIgnored, [&](const Example& example) {
    const Encoding encoding = encode(example, task, tokenizer, max_length);
    if (encoding.ids.size() <= special_count) return;
    writer.add(encoding.ids, encoding.second_begin(), 0.0);
  });
}

/// The rows of a file; `task` is that of its examples, null where it is plain text.
std::shared_ptr<const TokenStore> open_rows(const fs::path& file, const Task* task,
                                            const Tokenizer& tokenizer,
                                            const CorpusOptions& options) {
  ContentHash key;
  key.add(tokenizer.fingerprint()).add(task == nullptr ? "corpus 1" : "examples of " + task->name);
  const bool encoded = task != nullptr && options.line_per_chunk;
  if (encoded) key.add("encoded").add(std::uint64_t{options.chunk_length});
  key.add_file(file);
  return open_or_build_cache(
      options.cache_folder / "corpora" / (key.hex() + ".tokens"), [&](TokenStoreWriter& writer) {
        if (task == nullptr) {
          tokenize_lines(file, tokenizer, writer);
        } else if (encoded) {
          encode_examples(file, *task, tokenizer, options.chunk_length, writer);
        } else {
          tokenize_examples(file, *task, tokenizer, writer);
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

  std::size_t end = 0;
  for (const fs::path& file : files) {
    const bool has_examples = options.task != nullptr && holds_examples(file, *options.task);
    const auto store = open_rows(file, has_examples ? options.task : nullptr, tokenizer, options);
    corpus.files_.push_back({store, end, has_examples && options.line_per_chunk});
    end += options.line_per_chunk ? store->row_count() : store->token_count();
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

std::size_t Corpus::file_of(std::size_t position) const {
  const auto after =
      std::upper_bound(files_.begin(), files_.end(), position,
                       [](std::size_t sought, const File& file) { return sought < file.begin; });
  return static_cast<std::size_t>(after - files_.begin()) - 1;
}

Corpus::Chunk Corpus::chunk(std::size_t index) const {
  if (index >= size_) throw DataError(fmt::format("no chunk {} among {}", index, size_));
  if (line_per_chunk_) {
    const File& file = files_[file_of(index)];
    return row(file, index - file.begin);
  }
  std::vector<TokenId> ids{class_id_};
  ids.reserve(text_length_ + kSpecialCount);
  std::size_t position = index * text_length_;
  std::size_t missing = text_length_;
  for (std::size_t i = file_of(position); missing > 0; ++i) {
    const auto rest = files_[i].store->tokens().subspan(position - files_[i].begin);
    const auto part = rest.first(std::min(rest.size(), missing));
    ids.insert(ids.end(), part.begin(), part.end());
    position += part.size();
    missing -= part.size();
  }
  ids.push_back(separator_id_);
  return {std::move(ids), text_length_ + kSpecialCount};
}

Corpus::Chunk Corpus::row(const File& file, std::size_t index) const {
  const auto tokens = file.store->ids(index);
  if (file.is_encoded) {
    return {{tokens.begin(), tokens.end()}, file.store->second_begin(index)};
  }
  const auto text = tokens.first(std::min(tokens.size(), text_length_));
  std::vector<TokenId> ids{class_id_};
  ids.insert(ids.end(), text.begin(), text.end());
  ids.push_back(separator_id_);
  const std::size_t length = ids.size();
  return {std::move(ids), length};
}

std::vector<std::uint32_t> Corpus::lengths() const {
  std::vector<std::uint32_t> lengths(size_,
                                     static_cast<std::uint32_t>(text_length_ + kSpecialCount));
  if (!line_per_chunk_) return lengths;
  std::size_t chunk = 0;
  for (const File& file : files_) {
    for (std::size_t row = 0; row < file.store->row_count(); ++row) {
      const std::size_t length = file.store->length(row);
      lengths[chunk++] = static_cast<std::uint32_t>(
          file.is_encoded ? length : std::min(length, text_length_) + kSpecialCount);
    }
  }
  return lengths;
}

}  // namespace prumux::text
