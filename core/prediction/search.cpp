#include "core/prediction/search.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>
#include <set>
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

/// By how much two trainings of which one compresses more may come out in the wrong order.
constexpr double kOrderDeviation = 0.01;

using Values = std::map<std::string, std::set<double>>;

Values values_of(const std::vector<Candidate>& candidates) {
  Values values;
  for (const Candidate& candidate : candidates) {
    for (const auto& [name, value] : candidate.configuration) values[name].insert(value);
  }
  return values;
}

/// Whether more of it compresses more.
bool is_compression(const std::string& name) { return name == "instances" || name == "sparsity"; }

/// 0 for the lowest value of everything; 1 for the second lowest of one kind of compression and the
/// lowest of all else; then for how many numbers the value is the highest. Empty: neither.
std::optional<std::size_t> place_in_beginning(const Configuration& configuration,
                                              const Values& values) {
  std::size_t highest = 0;
  std::size_t steps = 0;
  std::size_t others = 0;
  for (const auto& [name, value] : configuration) {
    const std::set<double>& all = values.at(name);
    if (value == *all.begin()) continue;
    if (is_compression(name) && value == *std::next(all.begin())) ++steps;
    if (value == *all.rbegin()) {
      ++highest;
    } else {
      ++others;
    }
  }
  if (steps == 1 && highest + others == 1) return 1;
  if (others > 0) return std::nullopt;
  return highest == 0 ? 0 : highest + 1;
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

/// Of a normally distributed accuracy.
double chance_of_reaching(double bound, double mean, double deviation) {
  return 0.5 * std::erfc((bound - mean) / (std::max(deviation, kLeastDeviation) * std::sqrt(2.0)));
}

/// Whether `a` has at least the instances and the sparsity of `b`, and all else equal.
bool is_at_least_as_compressed(const Configuration& a, const Configuration& b) {
  return std::ranges::all_of(a, [&b](const auto& entry) {
    const auto& [name, value] = entry;
    const double other = b.at(name);
    return is_compression(name) ? value >= other : value == other;
  });
}

/// The lowest and the highest accuracy that measured cells allow when compression never raises it;
/// infinite where none does.
struct AccuracyRange {
  double lowest = -std::numeric_limits<double>::infinity();
  double highest = std::numeric_limits<double>::infinity();
};

AccuracyRange range_by_order(const Configuration& configuration,
                             const std::vector<Candidate>& candidates) {
  AccuracyRange range;
  for (const Candidate& other : candidates) {
    if (!other.is_measured()) continue;
    const double accuracy = *other.measurement.accuracy;
    if (is_at_least_as_compressed(configuration, other.configuration)) {
      range.highest = std::min(range.highest, accuracy);
    }
    if (is_at_least_as_compressed(other.configuration, configuration)) {
      range.lowest = std::max(range.lowest, accuracy);
    }
  }
  return range;
}

/// The chance of reaching `bound` when no more is known than that; empty: no measured cell is
/// above, none below, or they contradict it.
std::optional<double> chance_by_order(double bound, const Configuration& configuration,
                                      const std::vector<Candidate>& candidates) {
  const auto [lowest, highest] = range_by_order(configuration, candidates);
  if (!std::isfinite(lowest) || !std::isfinite(highest) || lowest >= highest) return std::nullopt;
  return std::clamp((highest - bound) / (highest - lowest), 0.0, 1.0);
}

}  // namespace

std::vector<std::size_t> beginning(const std::vector<Candidate>& candidates) {
  const Values values = values_of(candidates);
  std::vector<std::pair<std::size_t, std::size_t>> found;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (const auto place = place_in_beginning(candidates[i].configuration, values)) {
      found.emplace_back(*place, i);
    }
  }
  std::ranges::sort(found);
  std::vector<std::size_t> result;
  for (const auto& [place, index] : found) result.push_back(index);
  return result;
}

std::optional<std::size_t> best_measured(const std::vector<Candidate>& candidates,
                                         double min_accuracy) {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Measurement& measured = candidates[i].measurement;
    if (!candidates[i].is_measured() || *measured.accuracy < min_accuracy - kRoundingSlack)
      continue;
    const auto rank = [](const Measurement& one) {
      return std::pair{*one.throughput, *one.accuracy};
    };
    if (!best || rank(measured) > rank(candidates[*best].measurement)) best = i;
  }
  return best;
}

double highest_chance(const Candidate& candidate, double min_accuracy,
                      const std::vector<Candidate>& candidates) {
  const AccuracyRange range = range_by_order(candidate.configuration, candidates);
  return chance_of_reaching(min_accuracy, range.highest, kOrderDeviation);
}

std::vector<Promise> promises(const std::vector<Candidate>& candidates, double min_accuracy,
                              const ModelFactory& models) {
  const auto accuracy = fitted(Quantity::accuracy, candidates, models);
  const auto throughput = fitted(Quantity::throughput, candidates, models);
  const auto best = best_measured(candidates, min_accuracy);
  const double fastest = best ? *candidates[*best].measurement.throughput : 0.0;
  std::vector<Promise> found;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (candidates[i].is_measured()) continue;
    Promise promise{i, accuracy->predict(candidates[i].configuration),
                    throughput->predict(candidates[i].configuration)};
    promise.chance = chance_of_reaching(min_accuracy, promise.accuracy.value,
                                        promise.accuracy.uncertainty.value_or(kAccuracyTolerance));
    if (const auto by_order =
            chance_by_order(min_accuracy, candidates[i].configuration, candidates)) {
      promise.chance += kDoubt * (*by_order - promise.chance);
    }
    promise.chance =
        std::min(promise.chance, highest_chance(candidates[i], min_accuracy, candidates));
    if (best) {
      promise.gain = promise.chance * std::max(promise.throughput.value - fastest, 0.0);
    }
    found.push_back(std::move(promise));
  }
  return found;
}

}  // namespace prumux::prediction
