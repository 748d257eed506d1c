#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/train/prefetcher.h"
#include "core/train/trainer.h"

namespace prumux::train {

/// Where a training stands, apart from tensors.
struct TrainingState {
  std::int64_t step = 0;
  DataPosition position;
  std::optional<std::int64_t> best_step;
  std::optional<Evaluation> best;
  std::optional<Evaluation> last;
  std::int64_t evaluations_without_best = 0;
  double loss_sum = 0.0;  ///< Over the micro-batches since the last line of the log.
  std::int64_t loss_count = 0;
  std::int64_t metrics_bytes = 0;  ///< Length of metrics.jsonl.
};

nlohmann::json to_json(const TrainingState& state);
/// Throws `nlohmann::json::exception` when a field is missing or of another type.
TrainingState training_state_from_json(const nlohmann::json& json);

}  // namespace prumux::train
