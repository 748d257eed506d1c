#include "core/runtime/engine_options.h"

namespace prumux::runtime {

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
