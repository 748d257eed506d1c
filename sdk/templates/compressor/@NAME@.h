#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "prumux/score_pruning.h"

namespace @NAME@ {

/// Removes attention heads and intermediate dimensions with small output weights, more and more of
/// them while the model trains. `ScorePruning` does all but the scoring.
class @CLASS@ : public prumux::ScorePruning {
 public:
  explicit @CLASS@(const prumux::CompressorArguments& arguments);

 protected:
  void begin(const prumux::ModelView& model) override;
  prumux::StructureScores scores() override;

 private:
  at::Tensor size_of(const at::Tensor& weights, std::int64_t units) const;

  double power_;
  std::int64_t num_heads_ = 0;
  std::vector<at::Tensor> attention_;     ///< Output matrix of each layer's heads, [d, d].
  std::vector<at::Tensor> feed_forward_;  ///< Output matrix of each FFN, [d, I].
};

}  // namespace @NAME@
