#include "core/text/metrics.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <vector>

#include "core/text/ratio.h"
#include "prumux/error.h"

namespace prumux::text {
namespace {

using Values = std::span<const double>;

void check(Values predictions, Values labels) {
  if (predictions.size() != labels.size() || labels.empty()) {
    throw DataError(
        fmt::format("cannot score {} predictions against {} labels; expected equally many, and at "
                    "least one",
                    predictions.size(), labels.size()));
  }
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (!std::isfinite(predictions[i]) || !std::isfinite(labels[i])) {
      throw NumericError(fmt::format("cannot score example {}: prediction {}, label {}", i,
                                     predictions[i], labels[i]));
    }
  }
}

double mean(Values values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// Ranks from 1; equal values share the mean of their ranks.
std::vector<double> ranks(Values values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> result(values.size());
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin + 1;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    const double rank = static_cast<double>(begin + 1 + end) / 2.0;
    for (std::size_t i = begin; i < end; ++i) result[order[i]] = rank;
    begin = end;
  }
  return result;
}

struct NamedMetric {
  const char* name;
  double (*function)(Values, Values);
};

NamedMetric named(Metric metric) {
  switch (metric) {
    case Metric::kAccuracy:
      return {"accuracy", accuracy};
    case Metric::kF1:
      return {"f1", f1};
    case Metric::kMatthews:
      return {"matthews_correlation", matthews_correlation};
    case Metric::kPearson:
      return {"pearson", pearson_correlation};
    case Metric::kSpearman:
      return {"spearmanr", spearman_correlation};
    case Metric::kEntityF1:
      break;  // Of words in sentences, see `score_labelled_words`.
  }
  throw ConfigError("unknown metric");
}

}  // namespace

double accuracy(Values predictions, Values labels) {
  check(predictions, labels);
  double hits = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) hits += predictions[i] == labels[i] ? 1 : 0;
  return hits / static_cast<double>(labels.size());
}

double f1(Values predictions, Values labels) {
  check(predictions, labels);
  double both = 0;
  double either = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    both += predictions[i] == 1 && labels[i] == 1 ? 1 : 0;
    either += (predictions[i] == 1 ? 1 : 0) + (labels[i] == 1 ? 1 : 0);
  }
  return ratio(2 * both, either);
}

double matthews_correlation(Values predictions, Values labels) {
  check(predictions, labels);
  // Gorodkin's R_K, which is Matthews' coefficient when there are two classes.
  std::map<double, double> predicted;
  std::map<double, double> actual;
  double hits = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    ++predicted[predictions[i]];
    ++actual[labels[i]];
    hits += predictions[i] == labels[i] ? 1 : 0;
  }
  const auto total = static_cast<double>(labels.size());
  double product = 0;
  double predicted_squares = 0;
  double actual_squares = 0;
  for (const auto& [value, count] : predicted) {
    predicted_squares += count * count;
    if (const auto found = actual.find(value); found != actual.end())
      product += count * found->second;
  }
  for (const auto& [value, count] : actual) actual_squares += count * count;
  return ratio(hits * total - product, std::sqrt(total * total - predicted_squares) *
                                           std::sqrt(total * total - actual_squares));
}

double pearson_correlation(Values predictions, Values labels) {
  check(predictions, labels);
  const double prediction_mean = mean(predictions);
  const double label_mean = mean(labels);
  double covariance = 0;
  double prediction_variance = 0;
  double label_variance = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const double a = predictions[i] - prediction_mean;
    const double b = labels[i] - label_mean;
    covariance += a * b;
    prediction_variance += a * a;
    label_variance += b * b;
  }
  return ratio(covariance, std::sqrt(prediction_variance) * std::sqrt(label_variance));
}

double spearman_correlation(Values predictions, Values labels) {
  check(predictions, labels);
  return pearson_correlation(ranks(predictions), ranks(labels));
}

Scores score_predictions(const Task& task, Values predictions, Values labels) {
  Scores scores;
  double sum = 0;
  for (const Metric metric : task.metrics) {
    const auto [name, function] = named(metric);
    sum += scores[name] = function(predictions, labels);
  }
  if (task.metrics.size() > 1)
    scores["combined_score"] = sum / static_cast<double>(task.metrics.size());
  return scores;
}

double main_score(const Task& task, const Scores& scores) {
  const auto found = scores.find(task.main_score);
  if (found == scores.end()) {
    throw DataError(fmt::format("the scores of task '{}' lack its main score '{}'", task.name,
                                task.main_score));
  }
  return found->second;
}

}  // namespace prumux::text
