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

/// Where a search begins: the candidate with the lowest value of every number; those with the
/// second lowest sparsity or number of instances and all else lowest, which say whether any
/// compression of the kind is affordable; then those with the lowest or the highest value of every
/// number, the ones with the most lowest values first. They enclose all the others.
std::vector<std::size_t> beginning(const std::vector<Candidate>& candidates);

/// The fastest of the measured candidates with at least `min_accuracy`, of equally fast ones the
/// most accurate; empty: there is none.
std::optional<std::size_t> best_measured(const std::vector<Candidate>& candidates,
                                         double min_accuracy);

/// The largest chance that a candidate reaches `min_accuracy` when all that is known is that more
/// instances or sparsity raise no accuracy by more than chance (a standard deviation of a point):
/// 1 without a measured candidate that is compressed less.
double highest_chance(const Candidate& candidate, double min_accuracy,
                      const std::vector<Candidate>& candidates);

/// What each candidate that is not measured promises. The gain is its throughput less that of the
/// best measured one, times the chance of reaching `min_accuracy` (expected improvement under a
/// constraint, Gardner et al. 2014, with the throughput as predicted). Accuracy is taken as
/// normally distributed; a model without uncertainties counts as one of `kAccuracyTolerance`. A
/// fifth of the chance is that of an accuracy anywhere between a measured cell of less and one of
/// more compression, whatever the model believes; no chance is above `highest_chance`. Throws what
/// the models throw, and `DataError` when nothing is measured.
std::vector<Promise> promises(const std::vector<Candidate>& candidates, double min_accuracy,
                              const ModelFactory& models);

}  // namespace prumux::prediction
