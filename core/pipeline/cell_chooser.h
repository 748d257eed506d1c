#pragma once

#include <cstddef>
#include <optional>

#include "core/pipeline/summary.h"

namespace prumux::pipeline {

/// Decides which cells of a grid are computed, one after the other. Asked anew by a run that goes
/// on, so that it must depend on nothing but its arguments.
class CellChooser {
 public:
  virtual ~CellChooser() = default;

  /// Index of the next cell, given the results that are there; empty: no more are needed.
  virtual std::optional<std::size_t> next(const Summary& summary) const = 0;
};

}  // namespace prumux::pipeline
