#include "core/report/pipeline_facts.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "core/config/yaml_reader.h"
#include "core/io/atomic_file.h"
#include "prumux/error.h"

namespace prumux::report {
namespace {

namespace fs = std::filesystem;
using config::Value;

std::string text_at(const Value& map, const char* key) {
  const Value* value = map.find(key);
  return value != nullptr && value->is_scalar() ? value->text : "";
}

bool is_skipped_by(const std::string& variable, const Value& pipeline) {
  const Value* stages = pipeline.find("stages");
  return stages != nullptr &&
         std::any_of(stages->items.begin(), stages->items.end(), [&](const Value& stage) {
           const Value* conditions = stage.find("skip_if");
           return conditions != nullptr && conditions->has(variable);
         });
}

std::vector<GridVariable> variables_of(const Value& pipeline) {
  std::vector<GridVariable> variables;
  const Value* grid = pipeline.find("grid");
  if (grid == nullptr) return variables;
  for (const Value::Entry& entry : grid->entries) {
    GridVariable variable{entry.key, text_at(entry.value, "set"), {}, false};
    if (const Value* values = entry.value.find("values")) {
      for (const Value& value : values->items) variable.values.push_back(value.text);
    }
    variable.may_be_skipped = is_skipped_by(entry.key, pipeline);
    variables.push_back(std::move(variable));
  }
  return variables;
}

}  // namespace

PipelineFacts read_pipeline(const fs::path& run, std::vector<std::string>& notes) {
  PipelineFacts facts;
  facts.name = fs::weakly_canonical(run).filename().string();
  const fs::path file = run / "resolved.yaml";
  try {
    facts.text = io::read_file(file);
    const Value pipeline = config::parse_yaml(facts.text, {file.string(), 1, 1, run});
    if (std::string name = text_at(pipeline, "name"); !name.empty()) facts.name = std::move(name);
    if (const Value* data = pipeline.find("data")) facts.task = text_at(*data, "task");
    facts.variables = variables_of(pipeline);
    if (const Value* stages = pipeline.find("stages")) {
      for (const Value& stage : stages->items) facts.stages.push_back(text_at(stage, "id"));
    }
  } catch (const Error& problem) {
    notes.push_back(fmt::format("the configuration cannot be read: {}", problem.what()));
  }
  return facts;
}

}  // namespace prumux::report
