#include "core/pipeline/stages/data_files.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "core/config/print.h"
#include "core/pipeline/stages/methods.h"
#include "core/text/reading_version.h"
#include "prumux/error.h"

namespace prumux::pipeline {
namespace {

namespace fs = std::filesystem;
using config::Value;

fs::path resolve(const Value& data, const Value& name) {
  const Value* root = data.find("root");
  return root == nullptr ? name.path() : (root->path() / name.string()).lexically_normal();
}

/// The plugin that reads the task's files; none: they are of a built-in format.
text::ExampleReader example_reader(const Value& pipeline) {
  const Value* section = pipeline.at("data").find("reader");
  if (section == nullptr) return {};
  plugin::Registry& registry = plugin::Registry::instance();
  const std::string& name = section->at("method").string();
  const plugin::Method& method = registry.find(PRUMUX_DATASET_READER, name);
  const text::Task& task = task_of(pipeline);
  const auto reader = registry.make_dataset_reader(
      name, {task.name, task.is_pair(), parameters_of(method, section->at("params"))});
  return {fmt::format("{} {} {} {}", name, method.plugin->name, method.plugin->version,
                      config::to_yaml(section->at("params"))),
          [reader](const fs::path& file, const std::function<void(const text::Example&)>& consume) {
            reader->read(file, [&](const TextExample& example) {
              consume({example.first, example.second, example.label,
                       static_cast<std::size_t>(example.line)});
            });
          }};
}

/// Adds the plugin and its parameters; reports when it refuses them.
void add_reader(Record& record, const Value& pipeline, config::Problems& problems) {
  const Value* section = pipeline.at("data").find("reader");
  if (section == nullptr) return;
  const Value& name = section->at("method");
  const plugin::Method* method = find_method(PRUMUX_DATASET_READER, name, problems);
  if (method == nullptr) return;
  record.add("data.reader", *section);
  add_method(record, "data.reader", *method);
  if (task_of(pipeline).labels_words) {
    problems.add(name.place, fmt::format("data.reader '{}' - expected none: task {} reads CoNLL "
                                         "files, and readers of plugins give whole texts",
                                         name.text, task_of(pipeline).name));
    return;
  }
  try {
    example_reader(pipeline);
  } catch (const Error& problem) {
    problems.add(name.place, problem.what());
  }
}

}  // namespace

fs::path data_file(const Value& pipeline, const std::string& name) {
  const Value& data = pipeline.at("data");
  return resolve(data, data.at(name));
}

std::vector<fs::path> corpus_files(const Value& pipeline, const std::string& name) {
  const Value& data = pipeline.at("data");
  std::vector<fs::path> files;
  if (const Value* names = data.find(name)) {
    for (const Value& file : names->items) files.push_back(resolve(data, file));
  }
  return files;
}

const text::Task& task_of(const Value& pipeline) {
  return text::find_task(pipeline.at("data").at("task").string());
}

std::size_t max_length_of(const Value& pipeline) {
  return static_cast<std::size_t>(pipeline.at("data").at("max_length").integer());
}

fs::path cache_folder_of(const Value& pipeline) {
  const Value* cache = pipeline.at("data").find("cache");
  return cache != nullptr ? cache->path() : text::default_cache_folder();
}

void add_file(Record& record, const std::string& name, const fs::path& file,
              const config::Place& place, config::Problems& problems) {
  try {
    record.add_content(name, file, place.text());
  } catch (const IoError& problem) {
    problems.add(place, fmt::format("{}: {}", name, problem.what()));
  }
}

void add_text_file(Record& record, const std::string& name, const fs::path& file,
                   const config::Place& place, config::Problems& problems) {
  add_file(record, name, file, place, problems);
  record.add("extension of " + name, file.extension().string());
}

void add_reading(Record& record) {
  record.add("reading of texts", std::to_string(text::kReadingVersion));
}

void add_files(Record& record, const std::string& section, const fs::path& folder,
               std::span<const std::string_view> names, const config::Place& place,
               config::Problems& problems) {
  for (const std::string_view name : names) {
    if (!fs::exists(folder / name)) continue;
    add_file(record, fmt::format("{} of {}", name, section), folder / name, place, problems);
  }
}

void add_task_data(Record& record, const Value& pipeline, const std::vector<std::string>& files,
                   config::Problems& problems) {
  const Value& data = pipeline.at("data");
  if (!data.has("task")) {
    problems.add(data.place, fmt::format("'data.task' is missing - expected one of {}",
                                         fmt::join(text::task_names(), ", ")));
    return;
  }
  record.add("data.task", data.at("task"));
  record.add("data.max_length", data.at("max_length"));
  add_reading(record);
  add_reader(record, pipeline, problems);
  for (const std::string& name : files) {
    const fs::path file = data_file(pipeline, name);
    // A file that the pipeline does not name belongs to the section as a whole.
    const bool named = data.at(name).place.source != config::Place().source;
    const config::Place& place = named ? data.at(name).place : data.place;
    add_text_file(record, "data." + name, file, place, problems);
    const fs::path labels = file.parent_path() / "labels.txt";
    if (fs::exists(labels)) {
      add_file(record, "labels.txt of data." + name, labels, place, problems);
    }
  }
}

text::Dataset open_task_data(const Value& pipeline, const std::string& name,
                             const text::Tokenizer& tokenizer,
                             const std::vector<std::string>& model_labels) {
  text::DatasetOptions options;
  options.max_length = max_length_of(pipeline);
  options.cache_folder = cache_folder_of(pipeline);
  options.model_labels = model_labels;
  options.reader = example_reader(pipeline);
  return text::Dataset::open(task_of(pipeline), data_file(pipeline, name), tokenizer, options);
}

}  // namespace prumux::pipeline
