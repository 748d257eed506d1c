#pragma once

#include <map>
#include <string>

#include "prumux/score_pruning.h"

namespace prumux::magnitude {

/// Removes the units with the smallest weights (Han et al. 2015, Li et al. 2017): a unit's score is
/// the sum of |w|, or of w^2, over the weights and biases that go with it.
class Magnitude : public ScorePruning {
 public:
  explicit Magnitude(const CompressorArguments& arguments);

 protected:
  void begin(const ModelView& model) override;
  StructureScores scores() override;

 private:
  at::Tensor power(std::int64_t layer, const std::string& name) const;

  bool squared_;
  EncoderConfig encoder_;
  std::map<std::string, at::Tensor> layers_;  ///< By the name behind "encoder.layer.".
};

}  // namespace prumux::magnitude
