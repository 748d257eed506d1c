#pragma once

#include <map>
#include <span>
#include <string>

#include "core/text/task.h"

namespace prumux::text {

/// Score by GLUE's name: accuracy, f1, matthews_correlation, pearson, spearmanr, combined_score.
using Scores = std::map<std::string, double>;

// Each throws `DataError` when the spans are empty or differ in length. A score whose denominator
// is 0 (constant predictions) is 0.

double accuracy(std::span<const double> predictions, std::span<const double> labels);
/// F1 of class 1.
double f1(std::span<const double> predictions, std::span<const double> labels);
/// Matthews correlation of any number of classes.
double matthews_correlation(std::span<const double> predictions, std::span<const double> labels);
double pearson_correlation(std::span<const double> predictions, std::span<const double> labels);
/// Pearson correlation of the ranks; equal values share their mean rank.
double spearman_correlation(std::span<const double> predictions, std::span<const double> labels);

/// All scores of a task; `combined_score` is their mean when there are several. Predictions are
/// class ids, or the raw outputs of a regression.
Scores score_predictions(const Task& task, std::span<const double> predictions,
                         std::span<const double> labels);

/// `scores` at the task's main score, by which the best model is selected.
double main_score(const Task& task, const Scores& scores);

}  // namespace prumux::text
