#pragma once

#include "prumux/score_pruning.h"

namespace prumux::taylor {

/// Removes the units whose removal changes the loss least, to first order: a unit's score is the
/// moving average of |dL/dm| over optimiser steps, m its mask (Michel et al. 2019; Molchanov et al.
/// 2019).
class Taylor : public ScorePruning {
 public:
  explicit Taylor(const CompressorArguments& arguments);

 protected:
  void begin(const ModelView& model) override;
  StructureScores scores() override { return importance_; }
  bool observes_gradients() const override { return true; }
  void observe(const StructureScores& gradients) override;
  NamedTensors score_state() const override;

 private:
  double memory_;
  StructureScores importance_;
};

}  // namespace prumux::taylor
