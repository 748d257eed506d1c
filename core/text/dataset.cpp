#include "core/text/dataset.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdlib>

#include "core/text/conll.h"
#include "core/text/content_hash.h"
#include "core/text/examples.h"
#include "core/text/labels.h"
#include "core/text/masking.h"
#include "core/text/reading_version.h"
#include "core/text/token_cache.h"
#include "prumux/error.h"

namespace prumux::text {
namespace {

namespace fs = std::filesystem;

std::string cache_key(const Task& task, const fs::path& file, const Tokenizer& tokenizer,
                      const DatasetOptions& options, const LabelMap& labels) {
  ContentHash hash;
  hash.add("dataset").add(kReadingVersion).add(task.name).add(tokenizer.fingerprint());
  hash.add(static_cast<std::uint64_t>(options.max_length));
  // Messages and the format depend on the extension, class ids on the order of the names.
  hash.add(file.extension().string());
  if (options.reader.read) hash.add("reader").add(options.reader.identity);
  for (const std::string& name : labels.file_names()) hash.add(name);
  for (const std::string& name : labels.names()) hash.add(name);
  return hash.add_file(file).hex();
}

/// Labels of words have names, whose numbers the data does not tell.
void require_names(const LabelMap& labels, const Task& task, const fs::path& file) {
  if (!labels.names().empty()) return;
  throw DataError(fmt::format(
      "'{}' needs the names of task {}'s labels: put a labels.txt beside it, one name a line, for "
      "example from 'cut -f2 TRAINING_FILE | sed /^$/d | sort -u'",
      file.string(), task.name));
}

/// Each sentence as a row of its tokens and then of their labels.
void add_sentences(const fs::path& file, const Tokenizer& tokenizer, std::size_t max_length,
                   const LabelMap& labels, TokenStoreWriter& writer) {
  std::size_t lost_words = 0;
  read_conll(file, Labels::kRequired, [&](const Sentence& sentence) {
    const WordEncoding words = tokenizer.encode_words(sentence.words, max_length);
    std::vector<TokenId> row = words.encoding.ids;
    const std::size_t length = row.size();
    row.resize(2 * length, static_cast<TokenId>(kIgnoredLabel));
    for (std::size_t word = 0; word < sentence.words.size(); ++word) {
      Example example;
      example.label = sentence.labels[word];
      example.line = sentence.lines[word];
      const double label = labels.parse(example);
      const std::size_t first = words.first_tokens[word];
      if (first == 0) {
        ++lost_words;
      } else {
        row[length + first] = static_cast<TokenId>(label);
      }
    }
    writer.add(row);
  });
  if (lost_words > 0) {
    spdlog::warn("'{}': {} words have no token within the {} of a row; they count nowhere",
                 file.string(), lost_words, max_length);
  }
}

}  // namespace

fs::path default_cache_folder() {
  const auto variable = [](const char* name) -> fs::path {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
  };
  if (const fs::path folder = variable("PRUMUX_CACHE"); !folder.empty()) return folder;
  if (const fs::path folder = variable("XDG_CACHE_HOME"); !folder.empty()) return folder / "prumux";
  if (const fs::path home = variable("HOME"); !home.empty()) return home / ".cache" / "prumux";
  return fs::temp_directory_path() / "prumux";
}

Dataset Dataset::open(const Task& task, const fs::path& file, const Tokenizer& tokenizer,
                      const DatasetOptions& options) {
  const LabelMap labels(task, file, options.model_labels);
  if (task.labels_words) require_names(labels, task, file);
  const std::string key = cache_key(task, file, tokenizer, options, labels);
  Dataset dataset;
  dataset.store_ = open_or_build_cache(
      options.cache_folder / "datasets" / (key + ".tokens"), [&](TokenStoreWriter& writer) {
        if (task.labels_words) {
          add_sentences(file, tokenizer, options.max_length, labels, writer);
          return;
        }
        const auto add_example = [&](const Example& example) {
          const double label = labels.parse(example);
          const Encoding encoding = encode(example, task, tokenizer, options.max_length);
          writer.add(encoding.ids, encoding.second_begin(), label);
        };
        if (options.reader.read) {
          options.reader.read(file, add_example);
        } else {
          read_examples(file, task, Labels::kRequired, add_example);
        }
      });
  dataset.is_regression_ = task.is_regression;
  dataset.labels_words_ = task.labels_words;
  dataset.padding_id_ = tokenizer.padding_id();
  dataset.label_names_ = labels.names();
  dataset.label_count_ = task.is_regression ? 1 : labels.names().size();
  if (dataset.label_count_ == 0) {
    double largest = 1;
    for (std::size_t row = 0; row < dataset.size(); ++row)
      largest = std::max(largest, dataset.label(row));
    dataset.label_count_ = static_cast<std::size_t>(largest) + 1;
  }
  return dataset;
}

std::size_t Dataset::length(std::size_t row) const {
  return labels_words_ ? store_->length(row) / 2 : store_->length(row);
}

std::span<const TokenId> Dataset::ids(std::size_t row) const {
  return store_->ids(row).first(length(row));
}

std::span<const TokenId> Dataset::word_labels(std::size_t row) const {
  return store_->ids(row).subspan(length(row));
}

std::vector<std::uint32_t> Dataset::lengths() const {
  std::vector<std::uint32_t> lengths(size());
  for (std::size_t row = 0; row < lengths.size(); ++row)
    lengths[row] = static_cast<std::uint32_t>(length(row));
  return lengths;
}

}  // namespace prumux::text
