#include "core/pipeline/plan.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "core/config/nearest.h"
#include "core/config/overrides.h"
#include "core/config/problems.h"
#include "core/config/validate.h"
#include "core/pipeline/grid_neighbours.h"
#include "prumux/descriptor.h"

namespace prumux::pipeline {
namespace {

using config::Problems;
using config::Value;

constexpr const char* kMultiplexer = "multiplexer";
constexpr const char* kInstances = "multiplexer.instances";

bool is_in(const std::string& name, const std::vector<std::string>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

class Planner {
 public:
  Planner(const Definition& definition, const StageTable& table, Problems& problems)
      : definition_(definition), table_(table), problems_(problems) {}

  void add_cell(Plan& plan, std::size_t index) {
    const CellDefinition& cell = definition_.cells[index];
    std::vector<const PlannedStage*> earlier;
    for (const Value& settings : cell.config.at("stages").items) {
      PlannedStage stage = start(settings, cell.config);
      stage.cell = cell.label();
      connect(stage, earlier, describe_cell(cell.variables));
      connect_along_grid(plan, stage, index);
      finish(stage);
      earlier.push_back(&share(plan, std::move(stage), index));
    }
    plan.cells.push_back(std::move(earlier));
  }

  void add_after_cells(Plan& plan) {
    for (const Value& settings : definition_.config.at("stages").items) {
      PlannedStage stage = start(settings, definition_.config);
      if (!stage.kind->runs_after_cells()) continue;
      if (is_in(stage.id, summary_keys())) {
        problems_.add(settings.at("id").place,
                      fmt::format("id '{}' - expected another: the result of a run has '{}' beside "
                                  "those of its stages",
                                  stage.id, stage.id));
      }
      for (std::size_t i = 0; i < plan.cells.size(); ++i) {
        for (const PlannedStage* measured : plan.cells[i]) {
          stage.record.add(
              {fmt::format("{} of {}", measured->id, describe_cell(definition_.cells[i].variables)),
               measured->key, Record::Kind::input});
        }
      }
      stage.follows_throughput = std::ranges::any_of(plan.stages, [](const auto& measured) {
        return measured->kind->may_measure_throughput();
      });
      finish(stage);
      plan.after_cells.push_back(std::make_unique<PlannedStage>(std::move(stage)));
    }
  }

 private:
  PlannedStage start(const Value& settings, const Value& pipeline) {
    PlannedStage stage;
    stage.record = Record(files_);
    stage.id = settings.at("id").string();
    stage.kind = table_.find(settings.at("stage").string());
    stage.settings = settings;
    stage.kind->resolve(stage.settings);
    stage.pipeline = pipeline;
    if (const Value* instances = settings.find(kStageInstances)) {
      config::set_at(stage.pipeline, kInstances, *instances, instances->place);
      check_multiplexer(stage, *instances);
    }
    return stage;
  }

  /// A multiplexer of several instances may need what one of a single instance does without. Throws
  /// `ConfigError`, since no stage can be planned without it.
  void check_multiplexer(const PlannedStage& stage, const Value& instances) {
    Value sections = Value::map(stage.pipeline.place);
    sections.set(kMultiplexer, {}, stage.pipeline.at(kMultiplexer));
    std::vector<config::Field> fields = table_.sections();
    std::erase_if(fields, [](const config::Field& field) { return field.name != kMultiplexer; });
    Problems found;
    config::validate(sections, fields, found);
    for (const std::string& problem : found.lines()) {
      problems_.add(instances.place,
                    fmt::format("stages.{}.instances '{}': {}", stage.id, instances.text, problem));
    }
    if (!found.empty()) problems_.throw_if_any();
  }

  void connect(PlannedStage& stage, const std::vector<const PlannedStage*>& earlier,
               const std::string& cell) {
    for (const InputPort& port : stage.kind->input_ports()) {
      const Value* wanted = stage.settings.find(port.name);
      if (port.along_grid || (wanted == nullptr && !port.automatic)) continue;
      const PlannedStage* source =
          wanted == nullptr ? nearest_model(earlier) : find(*wanted, stage, port, earlier, cell);
      if (source == nullptr) continue;
      if (port.automatic) check_instances(stage, *source);
      stage.inputs[port.name] = source;
      stage.record.add({port.name, source->key, Record::Kind::input});
    }
  }

  /// A model can be multiplexed, but not be made one of another number of instances.
  void check_instances(PlannedStage& stage, const PlannedStage& source) {
    const Value* own = config::find_at(stage.pipeline, kInstances);
    if (own == nullptr || stage.instances() == source.instances()) return;
    stage.adds_multiplexer = stage.kind->produces_model() && source.instances() == 1;
    if (stage.adds_multiplexer || !stage.kind->produces_model()) return;
    problems_.add(own->place,
                  fmt::format("stage '{}' has {} instances, but starts from '{}', which has {} - "
                              "expected the same number, or a stage before it of one instance",
                              stage.id, stage.instances(), source.id, source.instances()));
  }

  void connect_along_grid(const Plan& plan, PlannedStage& stage, std::size_t cell) {
    for (const InputPort& port : stage.kind->input_ports()) {
      const Value* variable = port.along_grid ? stage.settings.find(port.name) : nullptr;
      if (variable == nullptr) continue;
      const std::string setting = fmt::format("stages.{}.{}", stage.id, port.name);
      for (const std::size_t lower :
           lower_neighbours(definition_.cells, cell, *variable, setting, problems_)) {
        const PlannedStage* source = stage_called(stage.id, plan.cells[lower]);
        if (source == nullptr) continue;
        stage.inputs[port.name] = source;
        stage.record.add({port.name, source->key, Record::Kind::input});
        break;
      }
    }
  }

  static const PlannedStage* stage_called(const std::string& id,
                                          const std::vector<const PlannedStage*>& stages) {
    const auto found = std::find_if(stages.begin(), stages.end(),
                                    [&id](const auto* stage) { return stage->id == id; });
    return found == stages.end() ? nullptr : *found;
  }

  static const PlannedStage* nearest_model(const std::vector<const PlannedStage*>& earlier) {
    const auto found =
        std::find_if(earlier.rbegin(), earlier.rend(),
                     [](const PlannedStage* stage) { return stage->kind->produces_model(); });
    return found == earlier.rend() ? nullptr : *found;
  }

  const PlannedStage* find(const Value& wanted, const PlannedStage& stage, const InputPort& port,
                           const std::vector<const PlannedStage*>& earlier,
                           const std::string& cell) {
    std::vector<std::string> models;
    for (const PlannedStage* candidate : earlier) {
      if (!candidate->kind->produces_model()) continue;
      if (candidate->id == wanted.text) return candidate;
      models.push_back(candidate->id);
    }
    if (const PlannedStage* source = through_skipped(wanted.text, stage.id, earlier)) return source;
    problems_.add(wanted.place,
                  fmt::format("stages.{}.{} '{}' - expected an earlier stage that leaves a model "
                              "in {} ({})",
                              stage.id, port.name, wanted.text, cell,
                              config::suggestion(wanted.text, models)));
    return nullptr;
  }

  /// A stage that the cell skips leaves what it would have started from. Null when `id` is no such
  /// stage before `reader`.
  const PlannedStage* through_skipped(const std::string& id, const std::string& reader,
                                      const std::vector<const PlannedStage*>& earlier) const {
    std::vector<const PlannedStage*> before;
    for (const Value& settings : definition_.config.at("stages").items) {
      const std::string& name = settings.at("id").string();
      if (name == reader) return nullptr;
      if (name == id) {
        const bool skipped = stage_called(id, earlier) == nullptr;
        const Value* from = settings.find("from");
        if (!skipped || !table_.find(settings.at("stage").string())->produces_model())
          return nullptr;
        if (from == nullptr) return nearest_model(before);
        const PlannedStage* named = stage_called(from->text, before);
        return named != nullptr ? named : through_skipped(from->text, id, before);
      }
      if (const PlannedStage* planned = stage_called(name, earlier)) before.push_back(planned);
    }
    return nullptr;
  }

  void finish(PlannedStage& stage) {
    std::vector<std::string> left_out = {"id", "skip_if", kStageInstances};
    for (const InputPort& port : stage.kind->input_ports()) left_out.push_back(port.name);
    for (const std::string& name : stage.kind->irrelevant_settings()) left_out.push_back(name);
    for (const Value::Entry& entry : stage.settings.entries) {
      if (!is_in(entry.key, left_out)) stage.record.add(entry.key, entry.value);
    }
    stage.record.add("prumux", PRUMUX_SDK_VERSION);
    stage.record.add("seed", stage.pipeline.at("seed"));
    stage.record.add("threads", stage.pipeline.at("threads"));
    stage.kind->plan(stage.request(), stage.record, problems_);
    stage.key = stage.record.key();
  }

  static const PlannedStage& share(Plan& plan, PlannedStage stage, std::size_t cell) {
    for (const auto& known : plan.stages) {
      if (known->id != stage.id || known->key != stage.key) continue;
      known->cells.push_back(cell);
      return *known;
    }
    stage.cells = {cell};
    plan.stages.push_back(std::make_unique<PlannedStage>(std::move(stage)));
    return *plan.stages.back();
  }

  const Definition& definition_;
  const StageTable& table_;
  Problems& problems_;
  std::shared_ptr<FileHashes> files_ = std::make_shared<FileHashes>();
};

}  // namespace

std::string PlannedStage::folder_name() const { return id + "-" + key.substr(0, 8); }

StageRequest PlannedStage::request() const {
  std::map<std::string, StageInput> connected;
  for (const auto& [port, source] : inputs) connected[port] = {source->id, source->instances()};
  return {settings, pipeline, std::move(connected), cell, adds_multiplexer, follows_throughput};
}

std::int64_t PlannedStage::instances() const {
  const Value* instances = config::find_at(pipeline, kInstances);
  return instances == nullptr ? 1 : instances->integer();
}

void add_with_inputs(const PlannedStage& stage, std::set<const PlannedStage*>& stages) {
  if (!stages.insert(&stage).second) return;
  for (const auto& [port, source] : stage.inputs) add_with_inputs(*source, stages);
}

std::set<const PlannedStage*> Plan::needed_by(std::size_t cell) const {
  std::set<const PlannedStage*> needed;
  for (const PlannedStage* stage : cells[cell]) add_with_inputs(*stage, needed);
  return needed;
}

std::vector<const PlannedStage*> Plan::in_order() const {
  std::vector<const PlannedStage*> result;
  for (const auto& stage : stages) result.push_back(stage.get());
  for (const auto& stage : after_cells) result.push_back(stage.get());
  return result;
}

std::vector<std::string> Plan::ids() const {
  std::vector<std::string> result;
  for (const Value& stage : definition.config.at("stages").items) {
    result.push_back(stage.at("id").string());
  }
  return result;
}

Plan make_plan(Definition definition, const StageTable& table) {
  Plan plan;
  plan.definition = std::move(definition);
  Problems problems;
  Planner planner(plan.definition, table, problems);
  for (std::size_t i = 0; i < plan.definition.cells.size(); ++i) planner.add_cell(plan, i);
  planner.add_after_cells(plan);
  problems.throw_if_any();
  return plan;
}

}  // namespace prumux::pipeline
