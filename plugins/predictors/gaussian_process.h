#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cholesky.h"
#include "prumux/performance_model.h"

namespace prumux::predictors {

/// A Gaussian process over any named numbers (Rasmussen and Williams 2006, chapter 2): a linear
/// trend, about which nothing is known beforehand (section 2.7, universal kriging), and residuals
/// with a Matern 5/2 covariance whose length along each dimension, and whose noise, are those of
/// the highest restricted likelihood. Every prediction has an uncertainty, that of the trend
/// included.
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

  /// All that follows from the measurements, given hyperparameters.
  struct Posterior {
    Cholesky covariance;          ///< K = L L^T of the measurements, for a variance of 1.
    Matrix basis;                 ///< The trend's columns, as L^-1 H.
    Cholesky basis_gram;          ///< H^T K^-1 H.
    std::vector<double> trend;    ///< Constant, then a slope for each dimension that varies.
    std::vector<double> weights;  ///< K^-1 of the residuals.
    double variance;
    double log_likelihood;
  };

  void set_dimensions(const std::vector<Observation>& observations);
  std::vector<double> inputs_of(const Configuration& configuration) const;
  bool is_outside(const std::vector<double>& inputs) const;
  void choose_trend();
  std::vector<double> trend_columns(const std::vector<double>& inputs) const;
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
  std::vector<double> values_;  ///< On the scale that is modelled.
  bool has_slopes_ = false;     ///< Whether the trend is more than a constant.
  Hyperparameters hyperparameters_;
  std::optional<Posterior> posterior_;
};

}  // namespace prumux::predictors
