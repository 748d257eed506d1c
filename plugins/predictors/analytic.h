#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "bilinear.h"
#include "encoder_work.h"
#include "prumux/performance_model.h"

namespace prumux::predictors {

/// Predicts throughputs of structures and numbers of instances that nobody has measured, from the
/// work of every operation. A text takes
///   a * operations + b * bytes + c * passes + d
/// seconds (see `EncoderWork`; d is what each text costs by itself: embedding, mixing, separation
/// and head), with coefficients, none below 0, that fit the measured cells best in relative terms.
/// One cell is enough, and gives a speed of operations.
///
/// Accuracy has no such law: it is predicted by `Bilinear`.
class Analytic : public PerformanceModel {
 public:
  explicit Analytic(const PerformanceModelArguments& arguments);

  void fit(const std::vector<Observation>& observations) override;

  /// The uncertainty is the residuals' deviation, where more cells than coefficients were fitted.
  Prediction predict(const Configuration& configuration) const override;
  std::string save() const override;
  void load(const std::string& text) override;

 private:
  static constexpr std::size_t kTerms = 4;
  using Terms = std::array<double, kTerms>;

  Terms terms_of(const Configuration& configuration) const;
  bool is_outside(const Configuration& configuration) const;

  Quantity quantity_;
  EncoderSizes dense_;
  std::vector<Observation> observations_;
  std::optional<Terms> seconds_;  ///< Coefficients.
  std::optional<double> relative_deviation_;
  Bilinear accuracy_;
};

}  // namespace prumux::predictors
