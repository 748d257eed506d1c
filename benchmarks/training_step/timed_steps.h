#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "core/text/batch.h"
#include "core/train/batch_source.h"
#include "core/train/objective.h"
#include "core/train/options.h"

namespace prumux {

/// The same random rows again and again, none of them padded.
class RandomRows : public train::BatchSource {
 public:
  RandomRows(std::int64_t vocab_size, std::int64_t rows, std::int64_t length);
  std::int64_t batches_per_epoch() const override { return 1000000; }
  text::Batch batch(std::int64_t /*epoch*/, std::int64_t /*index*/) override { return batch_; }

 private:
  text::Batch batch_;
};

/// When each optimiser step ended.
using StepEnds = std::vector<std::chrono::steady_clock::time_point>;

/// An objective that notes when each step ends.
template <typename Objective>
class Timed : public Objective {
 public:
  using Objective::Objective;
  void after_step(std::int64_t step) override {
    Objective::after_step(step);
    ends_.push_back(std::chrono::steady_clock::now());
  }
  const StepEnds& ends() const { return ends_; }

 private:
  StepEnds ends_;
};

/// Trains for `steps` and 3 of warm-up, and prints the times as JSON. `ends` are those of
/// `objective`.
void print_step_times(train::Objective& objective, const StepEnds& ends, train::BatchSource& source,
                      train::Precision precision, std::int64_t steps);

}  // namespace prumux
