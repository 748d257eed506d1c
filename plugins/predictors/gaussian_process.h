#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cholesky.h"
#include "prumux/performance_model.h"

namespace prumux::predictors {

/// A Gaussian process over any named numbers (Rasmussen and Williams 2006, chapter 2): a linear
/// trend, and residuals with a Matern 5/2 covariance whose length along each dimension, and whose
/// noise, are those of the highest marginal likelihood. Every prediction has an uncertainty.
///
/// Dimensions enter as shares of their measured range; "instances" by its logarithm, "sparsity" by
/// -log(1 - sparsity), since both multiply the throughput. Throughputs are modelled by their
/// logarithms.
class GaussianProcess : public PerformanceModel {
 public:
  explicit GaussianProcess(const PerformanceModelArguments& arguments);

  void fit(const std::vector<Observation>& observations) override;
  Prediction predict(const Configuration& configuration) const override;
  std::string save() const override;
  void load(const std::string& text) override;

 private:
  struct Dimension {
    std::string name;
    double lowest;   ///< Of the transformed measurements.
    double highest;  ///< As above.
  };

  /// Of the covariance; lengths in shares of the range.
  struct Hyperparameters {
    std::vector<double> lengths;
    double noise = 0.1;  ///< Deviation, as a share of that of the residuals.
  };

  /// Residuals given hyperparameters.
  struct Posterior {
    Cholesky covariance;  ///< Of the measurements, for a variance of 1.
    std::vector<double> weights;
    double variance;
    double log_likelihood;
  };

  void set_dimensions(const std::vector<Observation>& observations);
  std::vector<double> inputs_of(const Configuration& configuration) const;
  bool is_outside(const std::vector<double>& inputs) const;
  void fit_trend(const std::vector<double>& values);
  double trend_at(const std::vector<double>& inputs) const;
  double covariance(const std::vector<double>& a, const std::vector<double>& b) const;
  Matrix covariances() const;
  std::optional<Posterior> posterior() const;
  void search_hyperparameters();

  Quantity quantity_;
  double length_scale_;  ///< 0: to be found.
  double noise_;         ///< 0: to be found.
  std::vector<Observation> observations_;
  std::vector<Dimension> dimensions_;
  std::vector<std::vector<double>> inputs_;
  std::vector<double> trend_;  ///< Constant, then a slope for each dimension.
  std::vector<double> residuals_;
  Hyperparameters hyperparameters_;
  std::optional<Posterior> posterior_;
};

}  // namespace prumux::predictors
