#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/config/value.h"
#include "core/pipeline/definition.h"
#include "core/pipeline/record.h"
#include "core/pipeline/stage_kind.h"
#include "core/pipeline/stage_table.h"

namespace prumux::pipeline {

/// One stage with one result, shared by all the cells in which everything that determines it is
/// equal.
struct PlannedStage {
  std::string id;
  const StageKind* kind = nullptr;
  config::Value settings;
  config::Value pipeline;  ///< Of the first of its cells.
  std::string cell;        ///< Label of the first of its cells.
  Record record;
  std::string key;
  std::map<std::string, const PlannedStage*> inputs;  ///< By port.
  bool adds_multiplexer = false;                      ///< See `StageRequest`.
  bool follows_throughput = false;                    ///< See `StageRequest`.
  std::vector<std::size_t> cells;                     ///< Indices of the cells that share it.

  /// "<id>-<first 8 digits of the key>".
  std::string folder_name() const;
  StageRequest request() const;
  /// Of its model.
  std::int64_t instances() const;
};

/// What is to be done, in order. Computes and writes nothing.
struct Plan {
  Definition definition;
  std::vector<std::unique_ptr<PlannedStage>> stages;    ///< Each after its inputs.
  std::vector<std::vector<const PlannedStage*>> cells;  ///< The stages of each cell, in order.
  std::vector<std::unique_ptr<PlannedStage>> after_cells;

  /// All stages in the order of execution.
  std::vector<const PlannedStage*> in_order() const;
  /// The stages of a cell and all that they read from.
  std::set<const PlannedStage*> needed_by(std::size_t cell) const;
  /// The ids in the order of the file.
  std::vector<std::string> ids() const;
};

/// Adds a stage and all that it reads from, directly or not.
void add_with_inputs(const PlannedStage& stage, std::set<const PlannedStage*>& stages);

/// Plans every stage of every cell. Throws `ConfigError` listing all the problems.
Plan make_plan(Definition definition, const StageTable& table);

}  // namespace prumux::pipeline
