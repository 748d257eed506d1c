#include "core/pipeline/definition.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cctype>
#include <map>

#include "core/config/load.h"
#include "core/config/nearest.h"
#include "core/config/overrides.h"
#include "core/config/validate.h"
#include "core/pipeline/grid.h"
#include "core/pipeline/summary.h"
#include "prumux/error.h"

namespace prumux::pipeline {
namespace {

using config::Problems;
using config::Value;

/// Two stages of one name could not be told apart; the later would replace the earlier.
void check_names(const Value& pipeline, Problems& problems) {
  const Value* stages = pipeline.find("stages");
  if (stages == nullptr || !stages->is_list()) return;
  if (stages->items.empty()) {
    problems.add(stages->place, "stages is empty - expected at least one stage");
  }
  for (std::size_t i = 0; i < stages->items.size(); ++i) {
    const std::string name = config::entry_name(*stages, i);
    if (name.find_first_not_of(
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") !=
        std::string::npos) {
      problems.add(stages->items[i].place,
                   fmt::format("id '{}' - expected letters, digits, _ and -", name));
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (config::entry_name(*stages, j) != name) continue;
      problems.add(stages->items[i].place,
                   fmt::format("a second stage is called '{}' - the first is at {}; give one "
                               "another 'id'",
                               name, stages->items[j].place.text()));
    }
  }
}

class CellBuilder {
 public:
  CellBuilder(const Value& raw, const StageTable& table, Problems& problems)
      : raw_(raw),
        of_cells_(raw),
        table_(table),
        fields_(table.pipeline_fields()),
        problems_(problems) {
    // A copy for each of thousands of cells would hold their values millions of times.
    of_cells_.remove("grid");
  }

  CellDefinition build(const GridPoint& point) {
    CellDefinition cell;
    Value tree = of_cells_;
    for (const auto& [variable, value] : point) {
      cell.variables.emplace_back(variable->name, value->quoted ? value->text : value_text(*value));
      set(tree, *variable, *value);
    }
    if (Value* stages = tree.find("stages"); stages != nullptr && stages->is_list()) {
      std::vector<Value> kept;
      for (const Value& stage : stages->items) {
        if (!is_left_out(stage, tree, point)) kept.push_back(stage);
      }
      stages->items = std::move(kept);
    }
    cell.config = config::validate(tree, fields_, problems_);
    return cell;
  }

  /// The whole pipeline; settings that only the grid gives have their last value.
  Value build_whole(const GridPoint& last) {
    Value tree = raw_;
    for (const auto& [variable, value] : last) {
      if (config::find_at(tree, variable->path.text) == nullptr) set(tree, *variable, *value);
    }
    return config::validate(tree, fields_, problems_);
  }

 private:
  void set(Value& tree, const GridVariable& variable, const Value& value) {
    try {
      config::set_at(tree, variable.path.text, value, variable.path.place);
    } catch (const ConfigError& problem) {
      problems_.add_line(problem.what());
    }
  }

  bool is_left_out(const Value& stage, const Value& tree, const GridPoint& point) {
    const Value* name = stage.find("stage");
    const StageKind* kind = name == nullptr ? nullptr : table_.find(name->text);
    if (kind != nullptr && kind->runs_after_cells()) return true;
    const Value* conditions = stage.find("skip_if");
    if (conditions == nullptr || !conditions->is_map() || conditions->entries.empty()) return false;
    return std::all_of(
        conditions->entries.begin(), conditions->entries.end(), [&](const Value::Entry& condition) {
          const Value* value = find(condition, tree, point);
          return value != nullptr && value->is_scalar() && condition.value.is_scalar() &&
                 value_text(*value) == value_text(condition.value);
        });
  }

  const Value* find(const Value::Entry& condition, const Value& tree, const GridPoint& point) {
    for (const auto& [variable, value] : point) {
      if (variable->name == condition.key) return value;
    }
    const Value* setting = config::find_at(tree, condition.key);
    if (setting == nullptr) {
      std::vector<std::string> names;
      for (const auto& [variable, value] : point) names.push_back(variable->name);
      problems_.add(condition.key_place,
                    fmt::format("skip_if names '{}', which is no variable of the grid and no "
                                "setting of this file - {}",
                                condition.key, config::suggestion(condition.key, names)));
    }
    return setting;
  }

  const Value& raw_;
  Value of_cells_;
  const StageTable& table_;
  std::vector<config::Field> fields_;
  Problems& problems_;
};

/// The name is that of the run's folder, and must not lead elsewhere.
void check_run_name(const Value& config, Problems& problems) {
  const Value* name = config.find("name");
  if (name == nullptr || !name->is_scalar()) return;
  const std::string& text = name->text;
  if (!text.empty() && text != "." && text != ".." && text.find('/') == std::string::npos) return;
  problems.add(name->place, fmt::format("name '{}' - expected the name of a folder, without '/'; "
                                        "--out takes a path",
                                        text));
}

/// Exports of cells of one label would replace each other.
void check_labels(const Definition& definition, Problems& problems) {
  std::map<std::string, const CellDefinition*> known;
  for (const CellDefinition& cell : definition.cells) {
    const std::string label = cell.label();
    const auto [other, is_new] = known.emplace(label, &cell);
    if (is_new) continue;
    problems.add(
        definition.config.at("grid").place,
        fmt::format("the cells '{}' and '{}' are both called '{}' where files are named - "
                    "expected values that differ in letters, digits, '.', '-' or '_'",
                    describe_cell(other->second->variables), describe_cell(cell.variables), label));
  }
}

}  // namespace

std::string CellDefinition::label() const {
  std::string label;
  for (const auto& [name, value] : variables) {
    label += (label.empty() ? "" : "_") + name + "-" + value;
  }
  std::replace_if(
      label.begin(), label.end(),
      [](unsigned char c) { return !std::isalnum(c) && c != '.' && c != '-' && c != '_'; }, '-');
  return label;
}

Definition load_definition(const std::filesystem::path& file,
                           const std::vector<std::string>& overrides, const StageTable& table) {
  Value raw = config::load(file);
  for (const std::string& override : overrides) config::apply_override(raw, override);
  Problems problems;
  check_names(raw, problems);
  const std::vector<GridVariable> variables = read_grid(raw, problems);
  const std::vector<GridPoint> points = grid_points(variables);
  CellBuilder builder(raw, table, problems);
  Definition definition;
  definition.config = builder.build_whole(points.back());
  check_run_name(definition.config, problems);
  for (const GridPoint& point : points) definition.cells.push_back(builder.build(point));
  problems.throw_if_any();
  check_coordinates(variables, problems);
  check_labels(definition, problems);
  problems.throw_if_any();
  return definition;
}

}  // namespace prumux::pipeline
