#pragma once

#include <cstdint>
#include <memory>

#include "core/runtime/engine.h"
#include "core/text/dataset.h"
#include "core/text/metrics.h"

namespace prumux::runtime {

struct EvaluationResult {
  text::Scores scores;      ///< The task's metrics.
  double main_score = 0.0;  ///< The one that models are compared by.
  std::int64_t examples = 0;
  double seconds = 0.0;  ///< Wall time of the forward passes and the batching, without reading.

  double examples_per_second() const;
};

/// Scores a model on a labelled file of its task. Throws `DataError` when the model's outputs are
/// not those of the task.
EvaluationResult evaluate(const std::shared_ptr<model::Model>& model, const EngineOptions& options,
                          const text::Task& task, const text::Dataset& dataset);

}  // namespace prumux::runtime
