#include "core/text/corpus.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "core/text/content_hash.h"
#include "core/text/examples.h"
#include "core/text/lines.h"
#include "core/text/reading_version.h"
#include "core/text/token_cache.h"
#include "prumux/error.h"

namespace prumux::text {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kSpecialCount = 2;  // [CLS] and [SEP]

/// Whether the file, by its name, has fields: TSV or JSON lines.
bool has_fields(const fs::path& file) {
  const auto format = find_format(file);
  return format && *format != ExampleFormat::kText;
}

/// What the rows of a file are.
enum class RowKind { kLines, kTexts, kExamples };

RowKind row_kind_of(const fs::path& file, const CorpusOptions& options) {
  if (options.task == nullptr) return RowKind::kLines;
  if (options.task->labels_words && has_fields(file)) {
    throw ConfigError(fmt::format(
        "'{}': a corpus of task {} is plain text, but this name says that there are labels beside "
        "it; expected a file of text alone with another extension, such as .txt",
        file.string(), options.task->name));
  }
  if (!holds_examples(file, *options.task)) return RowKind::kLines;
  return options.line_per_chunk ? RowKind::kExamples : RowKind::kTexts;
}

void tokenize_lines(const fs::path& file, const Tokenizer& tokenizer, TokenStoreWriter& writer) {
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  if (!stream)
    throw IoError(fmt::format("cannot read '{}': {}", file.string(), std::strerror(errno)));
  LineReader lines(stream, file.string());
  for (std::string line; lines.next(line);) {
    const std::vector<TokenId> ids = tokenizer.tokenize(line);
    if (!ids.empty()) writer.add(ids);
  }
}

/// Each text as a row.
void tokenize_examples(const fs::path& file, const Task& task, const Tokenizer& tokenizer,
                       TokenStoreWriter& writer) {
  read_examples(file, task, Labels::kIgnored, [&](const Example& example) {
    for (const std::string& text : {example.first, example.second}) {
      const std::vector<TokenId> ids = tokenizer.tokenize(text);
      if (!ids.empty()) writer.add(ids);
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

std::shared_ptr<const TokenStore> open_rows(const fs::path& file, RowKind kind,
                                            const Tokenizer& tokenizer,
                                            const CorpusOptions& options) {
  ContentHash key;
  key.add("corpus").add(kReadingVersion).add(tokenizer.fingerprint());
  key.add(static_cast<std::uint64_t>(kind)).add(file.extension().string());
  if (kind != RowKind::kLines) key.add(options.task->name);
  if (kind == RowKind::kExamples) key.add(std::uint64_t{options.chunk_length});
  key.add_file(file);
  return open_or_build_cache(
      options.cache_folder / "corpora" / (key.hex() + ".tokens"), [&](TokenStoreWriter& writer) {
        switch (kind) {
          case RowKind::kLines:
            return tokenize_lines(file, tokenizer, writer);
          case RowKind::kTexts:
            return tokenize_examples(file, *options.task, tokenizer, writer);
          case RowKind::kExamples:
            return encode_examples(file, *options.task, tokenizer, options.chunk_length, writer);
        }
      });
}

}  // namespace

bool holds_examples(const fs::path& file, const Task& task) {
  return !task.labels_words && has_fields(file);
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
    const RowKind kind = row_kind_of(file, options);
    const auto store = open_rows(file, kind, tokenizer, options);
    corpus.files_.push_back({store, end, kind == RowKind::kExamples});
    end += options.line_per_chunk ? store->row_count() : store->token_count();
  }
  corpus.size_ = options.line_per_chunk ? end : end / corpus.text_length_;
  if (corpus.size_ == 0) {
    throw DataError(fmt::format(
        "the corpus ('{}'{}) has {} {}, too little for one chunk of {} tokens; add text",
        files.front().string(), files.size() > 1 ? " and others" : "", end,
        options.line_per_chunk ? "lines or examples with text" : "tokens", options.chunk_length));
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
