#pragma once

#include <cstdint>

#include "core/runtime/engine.h"
#include "core/text/dataset.h"
#include "core/text/metrics.h"

namespace prumux::runtime {

struct EvaluationResult {
  text::Scores scores;      ///< The task's GLUE metrics.
  double main_score = 0.0;  ///< The one that models are compared by.
  std::int64_t examples = 0;
  double seconds = 0.0;  ///< Wall time of the forward passes and the batching, without reading.

  double examples_per_second() const;
};

/// Scores the model on a labelled file of its task.
EvaluationResult evaluate(const Engine& engine, const text::Task& task,
                          const text::Dataset& dataset);

}  // namespace prumux::runtime
