#pragma once

#include <ATen/core/ScalarType.h>

#include "core/train/options.h"

namespace prumux::train {

/// While it lives, forward passes of this thread on the CPU run in `precision`. Losses are to be
/// computed outside of it.
class Autocast {
 public:
  explicit Autocast(Precision precision);
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;
  ~Autocast();

 private:
  bool outer_enabled_;
  at::ScalarType outer_type_;
};

}  // namespace prumux::train
