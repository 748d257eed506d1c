#include "core/runtime/engine_options.h"

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

Precision computed_precision(const EngineOptions& options) {
  const bool is_slower = options.precision == Precision::bfloat16 && !options.accelerator &&
                         !kernels::multiplies_short_numbers(options.instruction_set);
  return is_slower ? Precision::float32 : options.precision;
}

kernels::NumberFormat number_format(const EngineOptions& options) {
  switch (computed_precision(options)) {
    case Precision::float32:
      return kernels::NumberFormat::float32;
    case Precision::bfloat16:
      return kernels::NumberFormat::bfloat16;
    default:
      return kernels::multiplies_short_numbers(options.instruction_set)
                 ? kernels::NumberFormat::int8
                 : kernels::NumberFormat::widened_int8;
  }
}

}  // namespace prumux::runtime
