#include "core/prediction/search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <utility>

#include "core/prediction/ranking.h"
#include "core/prediction/validation.h"
#include "prumux/error.h"

namespace prumux::prediction {
namespace {

/// What the accuracy of one training differs by from that of the next, whatever a model believes.
constexpr double kLeastDeviation = 0.005;

/// How much of the belief goes to any accuracy that the order of the measured cells allows. Four
/// corners say nothing about the curve between them, and a model may be sure of a wrong one.
constexpr double kDoubt = 0.2;

using Ranges = std::map<std::string, std::pair<double, double>>;

Ranges ranges_of(const std::vector<Candidate>& candidates) {
  Ranges ranges;
  for (const Candidate& candidate : candidates) {
    for (const auto& [name, value] : candidate.configuration) {
      auto& [low, high] = ranges.try_emplace(name, value, value).first->second;
      low = std::min(low, value);
      high = std::max(high, value);
    }
  }
  return ranges;
}

/// How many numbers have their highest value; empty: one has neither that nor its lowest.
std::optional<int> highest_values(const Configuration& configuration, const Ranges& ranges) {
  int count = 0;
  for (const auto& [name, value] : configuration) {
    const auto& [low, high] = ranges.at(name);
    if (value == low) continue;
    if (value != high) return std::nullopt;
    ++count;
  }
  return count;
}

std::shared_ptr<PerformanceModel> fitted(Quantity quantity,
                                         const std::vector<Candidate>& candidates,
                                         const ModelFactory& models) {
  std::vector<Observation> observations;
  for (const Candidate& candidate : candidates) {
    if (!candidate.is_measured()) continue;
    const Measurement& measured = candidate.measurement;
    // A correlation, the score of some tasks, may be below zero.
    const double value =
        quantity == Quantity::accuracy ? std::max(*measured.accuracy, 0.0) : *measured.throughput;
    observations.push_back({candidate.configuration, value});
  }
  if (observations.empty()) {
    throw DataError("nothing was measured that says which candidate to measure next");
  }
  std::shared_ptr<PerformanceModel> model = models(quantity);
  model->fit(observations);
  return model;
}

double chance_of_reaching(double bound, const Prediction& accuracy) {
  const double deviation =
      std::max(accuracy.uncertainty.value_or(kAccuracyTolerance), kLeastDeviation);
  return 0.5 * std::erfc((bound - accuracy.value) / (deviation * std::sqrt(2.0)));
}

/// Whether `a` has at least the instances and the sparsity of `b`, and all else equal.
bool is_at_least_as_compressed(const Configuration& a, const Configuration& b) {
  return std::ranges::all_of(a, [&b](const auto& entry) {
    const auto& [name, value] = entry;
    const double other = b.at(name);
    return name == "instances" || name == "sparsity" ? value >= other : value == other;
  });
}

/// The chance of reaching `bound` when all that is known is that compression never raises accuracy;
/// empty: no measured cell is above, none below, or they contradict it.
std::optional<double> chance_by_order(double bound, const Configuration& configuration,
                                      const std::vector<Candidate>& candidates) {
  double lowest = -std::numeric_limits<double>::infinity();
  double highest = std::numeric_limits<double>::infinity();
  for (const Candidate& other : candidates) {
    if (!other.is_measured()) continue;
    const double accuracy = *other.measurement.accuracy;
    if (is_at_least_as_compressed(configuration, other.configuration)) {
      highest = std::min(highest, accuracy);
    }
    if (is_at_least_as_compressed(other.configuration, configuration)) {
      lowest = std::max(lowest, accuracy);
    }
  }
  if (!std::isfinite(lowest) || !std::isfinite(highest) || lowest >= highest) return std::nullopt;
  return std::clamp((highest - bound) / (highest - lowest), 0.0, 1.0);
}

bool is_better(const Promise& a, const Promise& b) {
  return a.gain ? *a.gain > *b.gain : a.chance > b.chance;
}

}  // namespace

std::vector<std::size_t> corners(const std::vector<Candidate>& candidates) {
  const Ranges ranges = ranges_of(candidates);
  std::vector<std::pair<int, std::size_t>> found;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (const auto count = highest_values(candidates[i].configuration, ranges)) {
      found.emplace_back(*count, i);
    }
  }
  std::ranges::sort(found);
  std::vector<std::size_t> result;
  for (const auto& [count, index] : found) result.push_back(index);
  return result;
}

std::optional<std::size_t> best_measured(const std::vector<Candidate>& candidates,
                                         double min_accuracy) {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Measurement& measured = candidates[i].measurement;
    if (!candidates[i].is_measured() || *measured.accuracy < min_accuracy - kRoundingSlack)
      continue;
    if (!best || *measured.throughput > *candidates[*best].measurement.throughput) best = i;
  }
  return best;
}

std::optional<Promise> most_promising(const std::vector<Candidate>& candidates, double min_accuracy,
                                      const ModelFactory& models) {
  const auto accuracy = fitted(Quantity::accuracy, candidates, models);
  const auto throughput = fitted(Quantity::throughput, candidates, models);
  const auto best = best_measured(candidates, min_accuracy);
  const double fastest = best ? *candidates[*best].measurement.throughput : 0.0;
  std::optional<Promise> found;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (candidates[i].is_measured()) continue;
    Promise promise{i, accuracy->predict(candidates[i].configuration),
                    throughput->predict(candidates[i].configuration)};
    promise.chance = chance_of_reaching(min_accuracy, promise.accuracy);
    if (const auto by_order =
            chance_by_order(min_accuracy, candidates[i].configuration, candidates)) {
      promise.chance += kDoubt * (*by_order - promise.chance);
    }
    if (best) {
      promise.gain = promise.chance * std::max(promise.throughput.value - fastest, 0.0);
    }
    if (!found || is_better(promise, *found)) found = std::move(promise);
  }
  return found;
}

}  // namespace prumux::prediction
