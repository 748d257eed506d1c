#include "core/text/dataset.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstdlib>

#include "core/text/content_hash.h"
#include "core/text/examples.h"
#include "core/text/labels.h"
#include "core/text/token_cache.h"
#include "prumux/error.h"

namespace prumux::text {
namespace {

namespace fs = std::filesystem;

std::string cache_key(const Task& task, const fs::path& file, const Tokenizer& tokenizer,
                      const DatasetOptions& options, const LabelMap& labels) {
  ContentHash hash;
  hash.add("dataset 1").add(task.name).add(tokenizer.fingerprint());
  hash.add(static_cast<std::uint64_t>(options.max_length));
  // Messages and the reader depend on the extension, class ids on the order of the names.
  hash.add(file.extension().string());
  for (const std::string& name : labels.file_names()) hash.add(name);
  for (const std::string& name : labels.names()) hash.add(name);
  return hash.add_file(file).hex();
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
  const std::string key = cache_key(task, file, tokenizer, options, labels);
  Dataset dataset;
  dataset.store_ = open_or_build_cache(
      options.cache_folder / "datasets" / (key + ".tokens"), [&](TokenStoreWriter& writer) {
        read_examples(file, task, Labels::kRequired, [&](const Example& example) {
          const double label = labels.parse(example);
          const Encoding encoding =
              task.is_pair()
                  ? tokenizer.encode_pair(example.first, example.second, options.max_length)
                  : tokenizer.encode(example.first, options.max_length);
          const auto second =
              std::find(encoding.type_ids.begin(), encoding.type_ids.end(), std::uint8_t{1});
          writer.add(encoding.ids, static_cast<std::size_t>(second - encoding.type_ids.begin()),
                     label);
        });
      });
  dataset.is_regression_ = task.is_regression;
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

std::vector<std::uint32_t> Dataset::lengths() const {
  std::vector<std::uint32_t> lengths(size());
  for (std::size_t row = 0; row < lengths.size(); ++row)
    lengths[row] = static_cast<std::uint32_t>(length(row));
  return lengths;
}

}  // namespace prumux::text
