#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "core/text/dataset.h"
#include "core/text/task.h"
#include "core/text/token_store.h"
#include "core/text/tokenizer.h"

namespace prumux::text {

struct CorpusOptions {
  std::size_t chunk_length = 128;  ///< Tokens of a chunk, [CLS] and [SEP] included.
  /// Each line is a chunk of its own, cut to `chunk_length`, and so is each example, whose texts
  /// are together as the task reads them; otherwise lines, and each text of an example, are
  /// concatenated across line and file borders, and chunks are full.
  bool line_per_chunk = false;
  std::filesystem::path cache_folder = default_cache_folder();
  /// TSV and JSON lines files are read as examples of this task; of a task that labels words they
  /// are refused. Null: they are plain text as all others. Outlives the call.
  const Task* task = nullptr;
};

/// Whether a corpus with that task reads `file` as examples: by its extension.
bool holds_examples(const std::filesystem::path& file, const Task& task);

/// Plain text for pretraining, cut into chunks `[CLS] tokens [SEP]`. Concatenated, a chunk holds
/// the next `chunk_length` - 2 tokens of the corpus and the incomplete tail is dropped, as
/// reference stage S1 does (spec section 10). Memory-mapped, immutable; copies share the map.
class Corpus {
 public:
  struct Chunk {
    std::vector<TokenId> ids;
    std::size_t second_begin = 0;  ///< Tokens from here on are of type 1.
  };

  /// Tokenizes the files (UTF-8; a sentence or paragraph a line; empty lines are skipped) or opens
  /// the cache. Labels of examples are not read. Throws `DataError` with file and line, `IoError`,
  /// `ConfigError` (chunk too short, a file that the task cannot read).
  static Corpus open(const std::vector<std::filesystem::path>& files, const Tokenizer& tokenizer,
                     const CorpusOptions& options = {});

  std::size_t size() const { return size_; }
  Chunk chunk(std::size_t index) const;
  /// Token counts of the chunks.
  std::vector<std::uint32_t> lengths() const;
  TokenId padding_id() const { return padding_id_; }

 private:
  Corpus() = default;
  struct File {
    std::shared_ptr<const TokenStore> store;
    std::size_t begin;  // its first row (or token)
    bool is_encoded;    // its rows are chunks, special tokens included
  };

  /// The file that holds row (or token) `position`.
  std::size_t file_of(std::size_t position) const;
  Chunk row(const File& file, std::size_t index) const;

  std::vector<File> files_;  // in order
  std::size_t size_ = 0;
  std::size_t text_length_ = 0;  // tokens of a chunk without the special ones
  bool line_per_chunk_ = false;
  TokenId class_id_ = 0;
  TokenId separator_id_ = 0;
  TokenId padding_id_ = 0;
};

}  // namespace prumux::text
