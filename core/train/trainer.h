#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "core/train/batch_source.h"
#include "core/train/objective.h"
#include "core/train/options.h"

namespace prumux::train {

/// The result of one evaluation.
struct Evaluation {
  double score = 0.0;  ///< What the best model is chosen by.
  std::map<std::string, double> metrics;
};

/// Evaluates the model as it is at this moment, in evaluation mode. Must not depend on anything
/// else; random numbers that it draws do not reach the training.
using Evaluator = std::function<Evaluation()>;

struct TrainingResult {
  std::int64_t steps = 0;                 ///< Optimiser steps done, resumed ones included.
  std::int64_t resumed_from = 0;          ///< Step of the checkpoint; 0: from the start.
  bool stopped_early = false;             ///< Patience ran out.
  std::optional<std::int64_t> best_step;  ///< Absent: no evaluation met the target.
  std::optional<Evaluation> best;
  std::optional<Evaluation> last;
};

/// Trains until the last step, going on from the newest complete checkpoint in
/// `options.directory`/checkpoints. An interrupted and resumed training gives the same bits as one
/// that ran through, on the same machine with the same number of threads. One optimiser step is in
/// the order of spec section 17. Afterwards the model (and the objective) holds the best state, or
/// the last one where no best is kept or none met the target.
///
/// Throws `DataError` (too little data, foreign checkpoint), `NumericError` (loss or gradient not
/// finite; the last checkpoint stays), `IoError`, and `Interrupted` after saving a checkpoint.
TrainingResult train(const TrainingOptions& options, Objective& objective, BatchSource& source,
                     const Evaluator& evaluator = {});

}  // namespace prumux::train
