#include "gaussian_process.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <utility>

#include "least_squares.h"
#include "prumux/error.h"
#include "quantity.h"

namespace prumux::predictors {
namespace {

using nlohmann::json;

constexpr const char* kGaussianProcessFormat = "prumux gaussian_process 1";
constexpr double kShortestLength = 0.1;
constexpr double kLongestLength = 10.0;
constexpr double kLeastNoise = 1e-3;
constexpr double kMostNoise = 3.0;
/// Below this, residuals are no more than rounding (of an accuracy, or of a logarithm).
constexpr double kLeastDeviation = 1e-3;

/// The scale on which a dimension acts evenly.
double transformed(const std::string& name, double value) {
  if (name == "instances") return std::log2(value);
  if (name == "sparsity") return -std::log(1.0 - value);
  return value;
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

double matern(double distance) {
  const double scaled = std::sqrt(5.0) * distance;
  return (1.0 + scaled + scaled * scaled / 3.0) * std::exp(-scaled);
}

}  // namespace

GaussianProcess::GaussianProcess(const PerformanceModelArguments& arguments)
    : quantity_(arguments.quantity),
      length_scale_(arguments.parameters.real("length_scale")),
      noise_(arguments.parameters.real("noise")) {}

void GaussianProcess::fit(const std::vector<Observation>& observations) {
  if (observations.empty()) {
    throw DataError(fmt::format(
        "the gaussian_process model of the {} needs at least one observation", name_of(quantity_)));
  }
  for (const Observation& observation : observations) {
    check_value(quantity_, observation.configuration, observation.value);
  }
  set_dimensions(observations);
  observations_ = observations;
  inputs_.clear();
  values_.clear();
  for (const Observation& observation : observations) {
    inputs_.push_back(inputs_of(observation.configuration));
    values_.push_back(to_modelled(quantity_, observation.value));
  }
  choose_trend();
  search_hyperparameters();
}

void GaussianProcess::set_dimensions(const std::vector<Observation>& observations) {
  dimensions_.clear();
  for (const auto& [name, value] : observations.front().configuration) {
    Dimension dimension{name, HUGE_VAL, -HUGE_VAL};
    for (const Observation& observation : observations) {
      const auto found = observation.configuration.find(name);
      const double here =
          found == observation.configuration.end() ? NAN : transformed(name, found->second);
      if (!std::isfinite(here)) {
        throw DataError(fmt::format(
            "the gaussian_process model needs a number for '{}' in every observation, but that at "
            "{} has none",
            name, describe(observation.configuration)));
      }
      dimension.lowest = std::min(dimension.lowest, here);
      dimension.highest = std::max(dimension.highest, here);
    }
    dimensions_.push_back(std::move(dimension));
  }
}

std::vector<double> GaussianProcess::inputs_of(const Configuration& configuration) const {
  std::vector<double> inputs;
  for (const Dimension& dimension : dimensions_) {
    const auto found = configuration.find(dimension.name);
    const double value =
        found == configuration.end() ? NAN : transformed(dimension.name, found->second);
    if (!std::isfinite(value)) {
      throw DataError(
          fmt::format("the gaussian_process model was fitted with the dimension '{}', "
                      "for which the configuration {} has no number",
                      dimension.name, describe(configuration)));
    }
    const double range = dimension.highest - dimension.lowest;
    inputs.push_back((value - dimension.lowest) / (range > 0.0 ? range : 1.0));
  }
  if (configuration.size() == dimensions_.size()) return inputs;
  throw DataError(
      fmt::format("the gaussian_process model was fitted with {} dimensions, but the "
                  "configuration {} has {}",
                  dimensions_.size(), describe(configuration), configuration.size()));
}

bool GaussianProcess::is_outside(const std::vector<double>& inputs) const {
  constexpr double kRoundingSlack = 1e-9;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const double upper = dimensions_[i].highest > dimensions_[i].lowest ? 1.0 : 0.0;
    if (inputs[i] < -kRoundingSlack || inputs[i] > upper + kRoundingSlack) return true;
  }
  return false;
}

/// Slopes where the measurements determine them, and leave something to learn the noise from.
void GaussianProcess::choose_trend() {
  has_slopes_ = true;
  Matrix columns(trend_columns(inputs_.front()).size());
  for (const std::vector<double>& inputs : inputs_) {
    const std::vector<double> row = trend_columns(inputs);
    for (std::size_t i = 0; i < row.size(); ++i) columns[i].push_back(row[i]);
  }
  has_slopes_ = values_.size() > columns.size() && least_squares(columns, values_).has_value();
}

std::vector<double> GaussianProcess::trend_columns(const std::vector<double>& inputs) const {
  std::vector<double> columns = {1.0};
  for (std::size_t i = 0; has_slopes_ && i < inputs.size(); ++i) {
    if (dimensions_[i].highest > dimensions_[i].lowest) columns.push_back(inputs[i]);
  }
  return columns;
}

double GaussianProcess::covariance(const std::vector<double>& a,
                                   const std::vector<double>& b) const {
  double squared = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = (a[i] - b[i]) / hyperparameters_.lengths[i];
    squared += difference * difference;
  }
  return matern(std::sqrt(squared));
}

Matrix GaussianProcess::covariances() const {
  Matrix matrix(inputs_.size(), std::vector<double>(inputs_.size()));
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    for (std::size_t j = 0; j < inputs_.size(); ++j) {
      matrix[i][j] = covariance(inputs_[i], inputs_[j]);
    }
    matrix[i][i] += hyperparameters_.noise * hyperparameters_.noise;
  }
  return matrix;
}

std::optional<GaussianProcess::Posterior> GaussianProcess::posterior() const {
  std::optional<Cholesky> factor = Cholesky::of(covariances());
  if (!factor) return std::nullopt;
  Matrix basis(trend_columns(inputs_.front()).size());
  for (const std::vector<double>& inputs : inputs_) {
    const std::vector<double> row = trend_columns(inputs);
    for (std::size_t i = 0; i < row.size(); ++i) basis[i].push_back(row[i]);
  }
  for (std::vector<double>& column : basis) column = factor->solve_lower(std::move(column));
  Matrix gram(basis.size());
  for (std::size_t i = 0; i < basis.size(); ++i) {
    for (const std::vector<double>& other : basis) gram[i].push_back(dot(basis[i], other));
  }
  std::optional<Cholesky> gram_factor = Cholesky::of(gram);
  if (!gram_factor) return std::nullopt;

  std::vector<double> moments;
  const std::vector<double> whitened = factor->solve_lower(values_);
  for (const std::vector<double>& column : basis) moments.push_back(dot(column, whitened));
  std::vector<double> trend = gram_factor->solve(moments);
  std::vector<double> residuals = values_;
  for (std::size_t i = 0; i < residuals.size(); ++i) {
    residuals[i] -= dot(trend, trend_columns(inputs_[i]));
  }
  std::vector<double> weights = factor->solve(residuals);
  const auto freedom =
      static_cast<double>(std::max(residuals.size(), basis.size() + 1) - basis.size());
  const double fitted = dot(weights, residuals) / freedom;
  const double variance = std::max(fitted, kLeastDeviation * kLeastDeviation);
  const double log_likelihood = -0.5 * (freedom * std::log(variance) + freedom * fitted / variance +
                                        factor->log_determinant() + gram_factor->log_determinant());
  return Posterior{std::move(*factor), std::move(basis), std::move(*gram_factor), std::move(trend),
                   std::move(weights), variance,         log_likelihood};
}

/// Coordinate search over the logarithms: the likelihood is smooth, and has few parameters.
void GaussianProcess::search_hyperparameters() {
  hyperparameters_.lengths.assign(dimensions_.size(), length_scale_ > 0.0 ? length_scale_ : 1.0);
  hyperparameters_.noise = noise_ > 0.0 ? noise_ : 0.1;
  posterior_ = posterior();
  const auto improve = [this](double& parameter, double factor, double low, double high) {
    const double before = parameter;
    parameter = std::clamp(parameter * factor, low, high);
    std::optional<Posterior> found = posterior();
    if (found && (!posterior_ || found->log_likelihood > posterior_->log_likelihood + 1e-9)) {
      posterior_ = std::move(found);
      return true;
    }
    parameter = before;
    return false;
  };
  for (double step = 2.0; step > 1.02; step = std::sqrt(step)) {
    for (bool improved = true; improved;) {
      improved = false;
      for (const double factor : {step, 1.0 / step}) {
        for (double& length : hyperparameters_.lengths) {
          if (length_scale_ > 0.0) continue;
          improved |= improve(length, factor, kShortestLength, kLongestLength);
        }
        if (noise_ == 0.0) {
          improved |= improve(hyperparameters_.noise, factor, kLeastNoise, kMostNoise);
        }
      }
    }
  }
  if (posterior_) return;
  throw DataError(
      fmt::format("the gaussian_process model of the {} cannot be fitted with noise {}: "
                  "it takes more, or 0 to find it",
                  name_of(quantity_), noise_));
}

Prediction GaussianProcess::predict(const Configuration& configuration) const {
  if (!posterior_) {
    throw DataError("the gaussian_process model predicts nothing before it is fitted or loaded");
  }
  const std::vector<double> inputs = inputs_of(configuration);
  std::vector<double> here;
  for (const std::vector<double>& measured : inputs_) here.push_back(covariance(inputs, measured));
  const std::vector<double> columns = trend_columns(inputs);
  const double mean = dot(columns, posterior_->trend) + dot(here, posterior_->weights);
  const std::vector<double> explained = posterior_->covariance.solve_lower(std::move(here));
  std::vector<double> unexplained = columns;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    unexplained[i] -= dot(posterior_->basis[i], explained);
  }
  const double share =
      1.0 - dot(explained, explained) + dot(unexplained, posterior_->basis_gram.solve(unexplained));
  const double deviation = std::sqrt(posterior_->variance * std::max(share, 0.0));
  const double value = from_modelled(quantity_, mean);
  const bool outside = is_outside(inputs);
  return {value, quantity_ == Quantity::throughput ? value * deviation : deviation, outside,
          outside ? "extrapolated" : "interpolated"};
}

std::string GaussianProcess::save() const {
  json observations = json::array();
  for (const Observation& observation : observations_) {
    observations.push_back(
        {{"configuration", observation.configuration}, {"value", observation.value}});
  }
  json lengths = json::object();
  for (std::size_t i = 0; i < dimensions_.size(); ++i) {
    lengths[dimensions_[i].name] = hyperparameters_.lengths[i];
  }
  const json document = {{"format", kGaussianProcessFormat},
                         {"quantity", name_of(quantity_)},
                         {"length_scale", length_scale_},
                         {"noise", noise_},
                         {"found", {{"lengths", lengths}, {"noise", hyperparameters_.noise}}},
                         {"observations", observations}};
  return document.dump(2);
}

void GaussianProcess::load(const std::string& text) {
  try {
    const json document = json::parse(text);
    if (document.at("format") != kGaussianProcessFormat ||
        document.at("quantity") != name_of(quantity_)) {
      throw DataError(fmt::format(
          "expected a saved gaussian_process model of the {} (format '{}'), found format {} of {}",
          name_of(quantity_), kGaussianProcessFormat, document.at("format").dump(),
          document.at("quantity").dump()));
    }
    std::vector<Observation> observations;
    for (const json& entry : document.at("observations")) {
      observations.push_back(
          {entry.at("configuration").get<Configuration>(), entry.at("value").get<double>()});
    }
    length_scale_ = document.at("length_scale").get<double>();
    noise_ = document.at("noise").get<double>();
    fit(observations);
  } catch (const json::exception& problem) {
    throw DataError(fmt::format("this is not a saved gaussian_process model: {}", problem.what()));
  }
}

}  // namespace prumux::predictors
