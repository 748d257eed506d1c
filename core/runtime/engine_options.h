#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/runtime/kernels/instruction_set.h"
#include "core/runtime/kernels/packed_matrix.h"
#include "core/runtime/precision.h"
#include "core/runtime/schedule.h"

namespace prumux::runtime {

class RowKernels;

/// How an engine groups rows and computes.
struct EngineOptions {
  /// Groups of a batch: only the last batch may end with an incomplete group, which rows of that
  /// batch fill. A multiplexer that does not describe itself is called once a batch.
  std::int64_t groups_per_batch = 32;
  Precision precision = Precision::float32;
  bool isolate = false;
  std::int64_t ensemble = 1;  ///< Groups in which each row occurs; its result is their mean.
  /// A model that attends to padding is padded to so many tokens, as its results depend on it.
  std::size_t attended_length = 128;
  std::int64_t threads = 0;  ///< 0: as many as libtorch uses. On libtorch always as many.
  kernels::InstructionSet instruction_set = kernels::best_instruction_set();
  /// Of the place that computes instead of the engine's own kernels on the CPU; null: they do.
  std::shared_ptr<const RowKernels> accelerator;
};

/// How `options` say that rows are grouped, in batches sorted by length; `grouping` as in
/// `ScheduleOptions`.
ScheduleOptions schedule_options(const EngineOptions& options, std::int64_t num_instances,
                                 std::int64_t grouping);

/// As many as `options` say, or as libtorch uses.
std::size_t thread_count(const EngineOptions& options);

/// What products are computed in: float32 for bfloat16 on a CPU without instructions for it, where
/// that is faster, and more exact.
Precision computed_precision(const EngineOptions& options);

/// In which of the kernels' numbers the CPU computes that.
kernels::NumberFormat number_format(const EngineOptions& options);

}  // namespace prumux::runtime
