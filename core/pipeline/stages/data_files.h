#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/problems.h"
#include "core/config/value.h"
#include "core/pipeline/record.h"
#include "core/text/dataset.h"
#include "core/text/task.h"
#include "core/text/tokenizer.h"

namespace prumux::pipeline {

/// The file under `data.<name>`, which begins at `data.root` when that is given.
std::filesystem::path data_file(const config::Value& pipeline, const std::string& name);

/// The files under `data.<name>`, a list; empty when it is not given.
std::vector<std::filesystem::path> corpus_files(const config::Value& pipeline,
                                                const std::string& name);

/// Throws `ConfigError` when the pipeline names no task.
const text::Task& task_of(const config::Value& pipeline);
std::size_t max_length_of(const config::Value& pipeline);
std::filesystem::path cache_folder_of(const config::Value& pipeline);

/// Adds what stands for the code that reads texts: for stages that do.
void add_reading(Record& record);

/// Adds the content of a file of texts, and its extension, which says how it is read.
void add_text_file(Record& record, const std::string& name, const std::filesystem::path& file,
                   const config::Place& place, config::Problems& problems);

/// Adds the content of a file; reports at `place` when it cannot be read.
void add_file(Record& record, const std::string& name, const std::filesystem::path& file,
              const config::Place& place, config::Problems& problems);

/// The same for each of `names` that is in `folder`, as "NAME of `section`".
void add_files(Record& record, const std::string& section, const std::filesystem::path& folder,
               std::span<const std::string_view> names, const config::Place& place,
               config::Problems& problems);

/// Adds the task, the length of a row, and the contents of `data.<file>` for each of `files`, with
/// the labels beside them.
void add_task_data(Record& record, const config::Value& pipeline,
                   const std::vector<std::string>& files, config::Problems& problems);

/// The rows of `data.<name>`. `model_labels`: see `text::LabelMap`.
text::Dataset open_task_data(const config::Value& pipeline, const std::string& name,
                             const text::Tokenizer& tokenizer,
                             const std::vector<std::string>& model_labels = {});

}  // namespace prumux::pipeline
