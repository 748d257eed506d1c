#include "core/train/autocast.h"

#include <ATen/autocast_mode.h>
#include <torch/types.h>

namespace prumux::train {

Autocast::Autocast(Precision precision)
    : outer_enabled_(at::autocast::is_autocast_enabled(at::kCPU)),
      outer_type_(at::autocast::get_autocast_dtype(at::kCPU)) {
  at::autocast::set_autocast_enabled(at::kCPU, precision == Precision::bfloat16);
  at::autocast::set_autocast_dtype(at::kCPU, at::kBFloat16);
  at::autocast::increment_nesting();
}

Autocast::~Autocast() {
  // The cache holds the weights' copies: it must not outlive the optimiser's next step.
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  at::autocast::set_autocast_dtype(at::kCPU, outer_type_);
  at::autocast::set_autocast_enabled(at::kCPU, outer_enabled_);
}

}  // namespace prumux::train
