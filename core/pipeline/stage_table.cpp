#include "core/pipeline/stage_table.h"

#include <spdlog/fmt/fmt.h>

#include "core/config/nearest.h"

namespace prumux::pipeline {

using config::Field;
using config::Type;

StageTable::StageTable(std::vector<std::unique_ptr<const StageKind>> kinds,
                       std::vector<Field> sections)
    : kinds_(std::move(kinds)), sections_(std::move(sections)) {}

const StageKind* StageTable::find(std::string_view name) const {
  for (const auto& kind : kinds_) {
    if (kind->name() == name) return kind.get();
  }
  return nullptr;
}

std::vector<std::string> StageTable::names() const {
  std::vector<std::string> result;
  for (const auto& kind : kinds_) result.push_back(kind->name());
  return result;
}

std::vector<Field> StageTable::settings_of(const StageKind& kind) {
  std::vector<Field> fields = {{.name = "stage", .required = true, .help = "kind of the stage"},
                               {.name = "id",
                                .default_value = kind.name(),
                                .help = "name by which other stages and --set address it"}};
  if (!kind.runs_after_cells()) {
    fields.push_back(
        {.name = "skip_if",
         .type = Type::map,
         .help = "grid variables or settings, with the values for which it is left out",
         .element = config::element({.type = Type::scalar})});
  }
  if (kind.produces_model()) {
    fields.push_back(
        {.name = kStageInstances,
         .type = Type::integer,
         .minimum = 1,
         .maximum = kMaximumInstances,
         .help = "inputs of one pass in this stage, instead of multiplexer.instances"});
  }
  for (const InputPort& port : kind.input_ports()) {
    fields.push_back({.name = port.name, .help = port.help});
  }
  for (Field& field : kind.fields()) fields.push_back(std::move(field));
  return fields;
}

std::optional<std::vector<Field>> StageTable::choose(const config::Value& stage,
                                                     config::Problems& problems) const {
  const config::Value* name = stage.find("stage");
  if (name == nullptr || !name->is_scalar()) {
    problems.add(stage.place, "'stage' is missing - " + config::suggestion("", names()));
    return std::nullopt;
  }
  const StageKind* kind = find(name->text);
  if (kind == nullptr) {
    problems.add(name->place, fmt::format("unknown stage '{}' - {}", name->text,
                                          config::suggestion(name->text, names())));
    return std::nullopt;
  }
  return settings_of(*kind);
}

std::vector<std::vector<Field>> StageTable::variants() const {
  std::vector<std::vector<Field>> result;
  for (const auto& kind : kinds_) {
    std::vector<Field> fields = settings_of(*kind);
    fields.front().choices = {kind->name()};
    result.push_back(std::move(fields));
  }
  return result;
}

std::vector<Field> StageTable::pipeline_fields() const {
  std::vector<Field> fields = {
      {.name = "name", .required = true, .help = "names the folder of the run"},
      {.name = "seed",
       .type = Type::integer,
       .default_value = "57",
       .minimum = 0,
       .maximum = 4294967295,
       .help = "of everything that is random"},
      {.name = "threads",
       .type = Type::integer,
       .default_value = "0",
       .minimum = 0,
       .maximum = 4096,
       .help = "of one operation; 0: one for each core"}};
  fields.insert(fields.end(), sections_.begin(), sections_.end());
  const std::vector<Field> variable = {
      {.name = "set", .required = true, .help = "path of the setting that it changes"},
      {.name = "values",
       .type = Type::list,
       .required = true,
       .help = "one cell for each",
       .element = config::element({.type = Type::scalar})}};
  fields.push_back({.name = "grid",
                    .type = Type::map,
                    .help = "variables; their combinations are the cells",
                    .element = config::element({.type = Type::map, .fields = variable})});
  fields.push_back(
      {.name = "stages",
       .type = Type::list,
       .required = true,
       .help = "what is done, in this order",
       .element = config::element(
           {.type = Type::map,
            .choose = [this](const auto& stage, auto& problems) { return choose(stage, problems); },
            .variants = [this] { return variants(); }})});
  return fields;
}

}  // namespace prumux::pipeline
