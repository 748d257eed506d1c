#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/pipeline/cell_chooser.h"
#include "core/prediction/search.h"

namespace prumux::pipeline {

/// What a search is for, and when it ends.
struct SearchGoal {
  std::optional<double> min_accuracy;  ///< Exactly one of the two.
  std::optional<double> max_loss;      ///< Against the cell of one instance and no sparsity.
  double hours = 0.0;                  ///< Of computing; 0: without limit.
  double min_gain = 0.0;               ///< Share of the best throughput for which to go on.
};

/// What is to be done after what has been measured.
struct SearchStep {
  std::optional<std::size_t> next{};  ///< Cell to compute; empty: the search has ended.
  std::optional<std::size_t> best{};  ///< The fastest measured cell that is accurate enough.
  std::optional<double> min_accuracy{};
  std::string reason;  ///< Why this cell, or why no other.
  std::size_t measured = 0;
  double seconds = 0.0;  ///< Spent on all stages that are there.
};

/// Finds the fastest cell that is accurate enough without computing them all: first those of
/// `prediction::beginning`, then each time the cell that promises the most examples/s in addition
/// for the time that it takes (see `prediction::promises`). What a milder cell rules out is not
/// computed.
class CellSearch : public CellChooser {
 public:
  CellSearch(const SearchGoal& goal, prediction::ModelFactory models);

  std::optional<std::size_t> next(const Summary& summary) const override;

  /// The decision of `next` with its reasons. Throws `DataError` when the loss has nothing to be
  /// relative to.
  SearchStep decide(const Summary& summary) const;

 private:
  std::optional<double> accuracy_bound(const Summary& summary) const;
  /// Whether `next` would probably end too late.
  bool is_out_of_time(const Summary& summary, const SearchStep& step) const;
  /// Throws what the models throw when they cannot describe this grid.
  void check_models(std::vector<prediction::Candidate> candidates) const;
  bool promises_enough(const prediction::Promise& promise, double fastest) const;
  /// Sets `next` and `reason`, whatever time is left.
  void choose(const Summary& summary, const std::vector<prediction::Candidate>& candidates,
              SearchStep& step) const;

  SearchGoal goal_;
  prediction::ModelFactory models_;
};

}  // namespace prumux::pipeline
