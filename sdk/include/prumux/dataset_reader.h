#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "prumux/export.h"
#include "prumux/parameters.h"

namespace prumux {

/// What the host knows when it makes a dataset reader.
struct DatasetReaderArguments {
  std::string task;       ///< "sst2", ...: `data.task` of the pipeline.
  bool is_pair = false;   ///< Whether the task's examples have two texts.
  Parameters parameters;  ///< As the pipeline gives them.
};

/// One labelled text, or pair of texts, in UTF-8.
struct TextExample {
  std::string first;      ///< The text, or the first of two.
  std::string second;     ///< Empty for a task with single texts.
  std::string label;      ///< A label's name or number, or the score of a regression.
  std::int64_t line = 0;  ///< Where it stands in the file, from 1; for messages.
};

/// Reads labelled texts from a file of a format that the host does not know. A pipeline names it
/// under `data.reader`; what it reads is tokenized once and cached by the file's content, the
/// reader's version and its parameters. One thread uses an instance.
class PRUMUX_EXPORT DatasetReader {
 public:
  virtual ~DatasetReader();

  /// Calls `consume` for every example, in a fixed order. Throws `IoError` or `DataError` naming
  /// file and line; what `consume` throws must pass through.
  virtual void read(const std::filesystem::path& file,
                    const std::function<void(const TextExample&)>& consume) = 0;
};

}  // namespace prumux
