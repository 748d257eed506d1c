#pragma once

#include "prumux/score_pruning.h"

namespace prumux::movement {

/// Removes the units whose weights move towards zero: a unit's score is the sum over optimiser
/// steps of -dL/dm, m its mask, which is that of -w dL/dw over the weights behind the mask. A
/// removed unit goes on scoring, and may come back (Sanh et al. 2020; Lagunas et al. 2021 for
/// structures).
class Movement : public ScorePruning {
 public:
  explicit Movement(const CompressorArguments& arguments);

 protected:
  void begin(const ModelView& model) override;
  StructureScores scores() override { return movement_; }
  bool observes_gradients() const override { return true; }
  void observe(const StructureScores& gradients) override;
  NamedTensors score_state() const override;

 private:
  StructureScores movement_;
};

}  // namespace prumux::movement
