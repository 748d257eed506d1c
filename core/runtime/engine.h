#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/model/model.h"
#include "core/runtime/device_pass.h"
#include "core/runtime/engine_options.h"
#include "core/runtime/grouping.h"
#include "core/runtime/network/network.h"
#include "core/runtime/network/workspace.h"
#include "core/runtime/row_source.h"

namespace prumux::runtime {

/// Classifies rows as fast as the machine allows, with kernels of its own and no libtorch: weights
/// packed once, groups of similar lengths, no work on padding, only the positions computed that the
/// head reads. The weights are the model's at construction. A model with the head of a plugin runs
/// on libtorch instead, and all of it on a GPU if one is wished. One thread at a time.
class Engine {
 public:
  /// Throws `ConfigError` for a model that classifies tokens, for the head of a plugin in a number
  /// format that libtorch has not, and for what a GPU cannot run (see `DevicePass`).
  Engine(std::shared_ptr<model::Model> model, const EngineOptions& options);

  /// Logits [rows, num_labels] float32, in the order of the source. Throws `DataError` for tokens
  /// or lengths that the model has no embedding for, `NumericError` when a result is no number.
  /// `grouping` as in `ScheduleOptions`.
  at::Tensor logits(const RowSource& rows, std::int64_t grouping = 0) const;

  model::Model& model() const { return *model_; }
  const EngineOptions& options() const { return options_; }
  std::size_t threads() const { return workspaces_.size(); }

  /// What computes: "cpu", or the name of the GPU.
  std::string device_name() const;

  /// Seconds of all threads in each part of the forward pass, since construction. Throws
  /// `ConfigError` for a model that runs on libtorch, and on a GPU.
  std::vector<double> seconds_per_part() const;

 private:
  /// Results in the order of the groups.
  struct Slots {
    at::Tensor logits;                ///< [slots, num_labels].
    std::vector<std::uint32_t> rows;  ///< Of the slots.
    std::size_t filled = 0;           ///< As `Grouping::filled`.
  };

  at::Tensor own_logits(const RowSource& rows, std::int64_t grouping) const;
  Grouping group(const RowSource& rows, std::span<const std::vector<std::uint32_t>> batches) const;
  Slots cpu_slots(const RowSource& rows, std::span<const std::vector<std::uint32_t>> batches) const;
  Slots device_slots(const RowSource& rows,
                     std::span<const std::vector<std::uint32_t>> batches) const;
  void run_groups(const Grouping& grouping, std::size_t first, std::size_t end,
                  const at::Tensor& mixed, float* logits) const;
  at::Tensor mix(const RowSource& rows, const Grouping& grouping, std::size_t first,
                 std::size_t end) const;
  at::Tensor separate(const std::vector<float>& states, std::size_t groups) const;

  std::shared_ptr<model::Model> model_;
  EngineOptions options_;
  Network network_;  ///< Empty for the head of a plugin.
  bool mixes_;
  std::unique_ptr<const DevicePass> device_;   ///< Null: on the CPU.
  mutable std::vector<Workspace> workspaces_;  ///< One a thread.
};

}  // namespace prumux::runtime
