#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

namespace prumux::report {

/// Values at some steps of a training.
struct Curve {
  std::vector<double> steps;
  std::vector<double> values;
};

/// How a training went.
struct TrainingCurves {
  Curve loss;
  Curve score;     ///< The evaluation score that counts.
  Curve sparsity;  ///< As the compressor reports it.
  Curve target;    ///< The sparsity that it aims at.

  bool empty() const { return loss.steps.empty() && score.steps.empty(); }
};

/// Reads `metrics.jsonl` of a stage, thinned out to at most `maximum_points` a curve: losses are
/// averaged, of the others every n-th is kept. Without the file all are empty; a line that is
/// damaged, as the last one of a training in progress may be, is passed over.
TrainingCurves read_curves(const std::filesystem::path& stage, std::size_t maximum_points = 250);

/// An object with an entry for each curve that is not empty.
nlohmann::json to_json(const TrainingCurves& curves);

}  // namespace prumux::report
