#include "core/train/progress.h"

#include <gtest/gtest.h>

namespace prumux::train {
namespace {

TEST(Progress, LineShowsRateTimeLossAndEveryMetricThatHasATarget) {
  ProgressState state;
  state.name = "prune";
  state.step = 120;
  state.total_steps = 400;
  state.loss = 0.41234;
  state.examples_per_second = 412.04;
  state.seconds_left = 3725.4;
  state.metrics = {{"sparsity", 0.41}, {"target_sparsity", 0.45}, {"distillation_loss", 0.2}};
  EXPECT_EQ(progress_line(state),
            "prune 120/400 30 % | 412.0 examples/s | 1:02:05 left | loss 0.4123 | "
            "sparsity 0.410 of 0.450");
}

}  // namespace
}  // namespace prumux::train
