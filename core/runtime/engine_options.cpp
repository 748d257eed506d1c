#include "core/runtime/engine_options.h"

#include <ATen/Parallel.h>

namespace prumux::runtime {

ScheduleOptions schedule_options(const EngineOptions& options, std::int64_t num_instances,
                                 std::int64_t grouping) {
  ScheduleOptions schedule;
  schedule.num_instances = num_instances;
  schedule.groups_per_batch = options.groups_per_batch;
  schedule.isolate = options.isolate;
  schedule.ensemble = options.ensemble;
  schedule.grouping = grouping;
  return schedule;
}

std::size_t thread_count(const EngineOptions& options) {
  return static_cast<std::size_t>(options.threads > 0 ? options.threads : at::get_num_threads());
}

Precision computed_precision(const EngineOptions& options) {
  const bool is_slower = options.precision == Precision::bfloat16 && !options.accelerator &&
                         !kernels::multiplies_short_numbers(options.instruction_set);
  return is_slower ? Precision::float32 : options.precision;
}

kernels::NumberFormat number_format(const EngineOptions& options) {
  using kernels::NumberFormat;
  const bool in_tiles = kernels::multiplies_tiles(options.instruction_set);
  switch (computed_precision(options)) {
    case Precision::float32:
      return in_tiles ? NumberFormat::tiled_float32 : NumberFormat::float32;
    case Precision::bfloat16:
      if (in_tiles) return NumberFormat::tiled_bfloat16;
      return kernels::multiplies_halves(options.instruction_set) ? NumberFormat::float16
                                                                 : NumberFormat::bfloat16;
    default:
      if (in_tiles) return NumberFormat::tiled_int8;
      return kernels::multiplies_short_numbers(options.instruction_set)
                 ? NumberFormat::int8
                 : NumberFormat::widened_int8;
  }
}

}  // namespace prumux::runtime
