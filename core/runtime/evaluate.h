#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/runtime/engine.h"
#include "core/text/dataset.h"
#include "core/text/metrics.h"

namespace prumux::runtime {

/// Ways to group texts over which the score of a multiplexed model is a mean, if nobody says.
constexpr std::int64_t kUsualGroupings = 5;

struct EvaluationResult {
  text::Scores scores;      ///< The task's metrics, the mean over the groupings.
  double main_score = 0.0;  ///< The one that models are compared by.
  double deviation = 0.0;   ///< Standard deviation of the main score over the groupings.
  std::int64_t groupings = 1;
  std::int64_t examples = 0;  ///< Of the file.
  double seconds = 0.0;  ///< Wall time of the forward passes and the batching, without reading.

  double examples_per_second() const;
};

/// `count` ways to group rows (`ScheduleOptions::grouping`): the first alone where one is asked for
/// or no other gives other results; else without the first, since training has chosen the best
/// model of many by it (unless the model attends to padding).
std::vector<std::int64_t> groupings_of(const model::Model& model, const EngineOptions& options,
                                       std::int64_t count);

/// Of each score. At least one set of them, all with the same names.
text::Scores mean_of(const std::vector<text::Scores>& scores);

/// Scores a model on a labelled file of its task in each of the groupings, of which there is one at
/// least. Throws `DataError` when
/// the model's outputs are not those of the task.
EvaluationResult evaluate(const std::shared_ptr<model::Model>& model, const EngineOptions& options,
                          const text::Task& task, const text::Dataset& dataset,
                          const std::vector<std::int64_t>& groupings);

}  // namespace prumux::runtime
