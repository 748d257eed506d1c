#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/text/examples.h"
#include "core/text/task.h"
#include "core/text/token_store.h"
#include "core/text/tokenizer.h"

namespace prumux::text {

/// `$PRUMUX_CACHE`, else `$XDG_CACHE_HOME/prumux`, else `~/.cache/prumux`.
std::filesystem::path default_cache_folder();

/// Reads the examples of a file in a format of its own.
struct ExampleReader {
  std::string
      identity;  ///< All that its answer depends on, beside the file: part of the cache's key.
  std::function<void(const std::filesystem::path& file,
                     const std::function<void(const Example&)>& consume)>
      read;  ///< Empty: there is none.
};

struct DatasetOptions {
  std::size_t max_length = 128;  ///< Tokens of a row, special tokens included.
  std::filesystem::path cache_folder = default_cache_folder();
  std::vector<std::string> model_labels;  ///< See `LabelMap`.
  ExampleReader reader{};                 ///< Instead of the formats that are built in.
};

/// The tokenized rows of a task's file. They are read through a memory map of the cache, so memory
/// does not grow with the file. Immutable; copies share the map; any number of threads may read.
class Dataset {
 public:
  /// Tokenizes `file`, or opens the cache of an earlier call with equal file content, vocabulary
  /// and settings. Throws `DataError`, `IoError` (see `read_examples`, `read_conll`, `LabelMap`).
  static Dataset open(const Task& task, const std::filesystem::path& file,
                      const Tokenizer& tokenizer, const DatasetOptions& options = {});

  std::size_t size() const { return store_->row_count(); }
  std::size_t length(std::size_t row) const;
  std::span<const TokenId> ids(std::size_t row) const;
  /// Tokens from this position on are of type 1; not below `length(row)` for single texts.
  std::size_t second_begin(std::size_t row) const { return store_->second_begin(row); }
  /// Class id, or the score of a regression.
  double label(std::size_t row) const { return store_->value(row); }
  /// In a task that labels words, one class id a token: that of a word at its first token,
  /// `kIgnoredLabel` at all others.
  std::span<const TokenId> word_labels(std::size_t row) const;
  std::vector<std::uint32_t> lengths() const;

  bool is_regression() const { return is_regression_; }
  bool labels_words() const { return labels_words_; }
  /// Number of classes; 1 for a regression.
  std::size_t label_count() const { return label_count_; }
  /// In the order of the class ids; may be empty, see `LabelMap`.
  const std::vector<std::string>& label_names() const { return label_names_; }
  TokenId padding_id() const { return padding_id_; }

 private:
  Dataset() = default;

  std::shared_ptr<const TokenStore> store_;
  std::vector<std::string> label_names_;
  std::size_t label_count_ = 0;
  bool is_regression_ = false;
  bool labels_words_ = false;  // then a stored row is tokens and labels, equally many
  TokenId padding_id_ = 0;
};

}  // namespace prumux::text
