#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/config/problems.h"
#include "core/config/schema.h"
#include "core/config/value.h"
#include "core/pipeline/cell_chooser.h"
#include "core/pipeline/record.h"
#include "core/pipeline/summary.h"

namespace prumux::pipeline {

/// A stage of the same pipeline that a stage reads from.
struct InputPort {
  std::string name;        ///< The setting that names the stage.
  bool automatic = false;  ///< Unset, it is the nearest earlier stage that produces a model.
  std::string help{};
  /// The setting names a grid variable instead: the input is the same stage in the cell with the
  /// next lower value of it. Not connected in the cell with the lowest.
  bool along_grid = false;
};

/// The stage that a port is connected to.
struct StageInput {
  std::string id;
  std::int64_t instances = 1;  ///< Of its model.
};

/// A stage as it is planned, before anything is computed. Everything is validated.
struct StageRequest {
  const config::Value& settings;             ///< The stage's own map.
  const config::Value& pipeline;             ///< The whole configuration of its cell.
  std::map<std::string, StageInput> inputs;  ///< By port, of those that are connected.
  std::string cell;                          ///< See `StageJob`.
  /// The model under port `from` is of one instance, and that of this stage is of several.
  bool adds_multiplexer = false;
  /// For a stage that runs after the cells: one of them may measure throughput.
  bool follows_throughput = false;
};

/// A stage as it runs.
struct StageJob {
  const config::Value& settings;
  const config::Value& pipeline;
  std::string id;
  std::string key;
  std::filesystem::path folder;                         ///< Its own; holds what a killed run left.
  std::map<std::string, std::filesystem::path> inputs;  ///< Port -> folder of that stage.
  std::filesystem::path run_folder;
  std::string cell;        ///< "instances-2_sparsity-0.6"; empty without a grid.
  const Summary& summary;  ///< All cells; stages after the cells see all that was computed.
  std::function<bool()> stop_requested;
  bool adds_multiplexer = false;  ///< See `StageRequest`.
};

/// One kind of stage: what a pipeline may say about it, what its result depends on, how it runs.
/// Immutable.
class StageKind {
 public:
  virtual ~StageKind() = default;

  virtual std::string name() const = 0;
  virtual std::string help() const = 0;
  /// Settings beside `stage`, `id`, `skip_if` and the input ports.
  virtual std::vector<config::Field> fields() const = 0;
  virtual std::vector<InputPort> input_ports() const { return {}; }

  /// Whether it leaves a model in `folder`/model for later stages.
  virtual bool produces_model() const { return false; }
  /// Whether `throughput` may be among the numbers of its result.
  virtual bool may_measure_throughput() const { return false; }
  /// Runs once, after all cells, over what they have measured.
  virtual bool runs_after_cells() const { return false; }
  /// A stage that runs after the cells may choose which of them are computed; null: all of them.
  virtual std::unique_ptr<CellChooser> cell_chooser(const StageRequest& /*request*/) const {
    return nullptr;
  }
  /// Whether an equal record makes it unnecessary to run it again.
  virtual bool is_reusable() const { return true; }
  /// Settings that do not change the result (how often to log), not part of the record.
  virtual std::vector<std::string> irrelevant_settings() const { return {}; }

  /// Replaces settings that leave a choice to the machine by what this one chooses, so that the
  /// record holds the choice.
  virtual void resolve(config::Value& /*settings*/) const {}

  /// Adds what determines the result beside the stage's settings and inputs (contents of files,
  /// versions of plugins, sections of the pipeline), and reports impossible combinations.
  /// Computes and writes nothing.
  virtual void plan(const StageRequest& request, Record& record,
                    config::Problems& problems) const = 0;

  /// Looks at the content of the data, so that an error in it is found before anything is computed.
  virtual void check(const StageRequest& /*request*/) const {}

  /// Computes, and returns the numbers of the result: `accuracy`, `throughput` and `sparsity` go
  /// into the table of cells. Goes on from what an interrupted run left in the folder.
  virtual nlohmann::json run(const StageJob& job) const = 0;

  /// Step that an interrupted run has reached.
  virtual std::optional<std::int64_t> partial_step(const std::filesystem::path& /*folder*/) const {
    return std::nullopt;
  }
};

}  // namespace prumux::pipeline
