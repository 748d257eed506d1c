#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "core/prediction/grid.h"
#include "core/prediction/model_factory.h"
#include "prumux/performance_model.h"

namespace prumux::prediction {

/// A configuration that may be deployed, and what is known of it.
struct Candidate {
  Configuration configuration;
  Measurement measurement{};

  bool is_measured() const { return measurement.accuracy && measurement.throughput; }
};

/// What measuring a candidate promises.
struct Promise {
  std::size_t candidate = 0;  ///< Its index.
  Prediction accuracy;
  Prediction throughput;
  double chance = 0.0;  ///< That the accuracy reaches the bound.
  /// Expected improvement on the fastest measured candidate that reaches it, in examples/s; empty:
  /// none does yet.
  std::optional<double> gain{};
};

/// Where a search begins: the candidates with the lowest or the highest value of every number, the
/// one with the most lowest values first. They enclose all the others.
std::vector<std::size_t> corners(const std::vector<Candidate>& candidates);

/// The fastest of the measured candidates with at least `min_accuracy`; empty: there is none.
std::optional<std::size_t> best_measured(const std::vector<Candidate>& candidates,
                                         double min_accuracy);

/// The candidate of the largest gain among those that are not measured: its throughput less that of
/// the best measured one, times the chance of reaching `min_accuracy` (expected improvement under a
/// constraint, Gardner et al. 2014, with the throughput as predicted). As long as no measured one
/// reaches it, the candidate of the best chance. Accuracy is taken as normally distributed; a model
/// without uncertainties counts as one of `kAccuracyTolerance`. A fifth of the chance is that of an
/// accuracy anywhere between a measured cell of less and one of more compression, whatever the
/// model believes. Empty: all candidates are measured. Throws what the models throw.
std::optional<Promise> most_promising(const std::vector<Candidate>& candidates, double min_accuracy,
                                      const ModelFactory& models);

}  // namespace prumux::prediction
