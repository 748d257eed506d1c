#include "bilinear.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "prumux/error.h"

namespace prumux::predictors {
namespace {

using nlohmann::json;

constexpr const char* kFormat = "prumux bilinear 1";
constexpr const char* kDimensions[] = {"instances", "sparsity"};

const char* name_of(Quantity quantity) {
  return quantity == Quantity::accuracy ? "accuracy" : "throughput";
}

Point to_point(const Configuration& configuration) {
  for (const char* dimension : kDimensions) {
    const auto found = configuration.find(dimension);
    if (found == configuration.end()) {
      throw DataError(fmt::format(
          "the bilinear model needs the dimension '{}', which the configuration lacks", dimension));
    }
    if (!std::isfinite(found->second)) {
      throw DataError(fmt::format("the bilinear model needs a finite '{}', found {}", dimension,
                                  found->second));
    }
  }
  for (const auto& [name, value] : configuration) {
    if (std::ranges::find(kDimensions, name) == std::end(kDimensions)) {
      throw DataError(fmt::format(
          "the bilinear model knows the dimensions 'instances' and 'sparsity' only, found '{}'; "
          "use another performance model",
          name));
    }
  }
  return {configuration.at("instances"), configuration.at("sparsity")};
}

json to_json(const CellCoefficients& cell) {
  return {{"instances", {cell.lower.instances, cell.upper.instances}},
          {"sparsity", {cell.lower.sparsity, cell.upper.sparsity}},
          {"k00", cell.k00},
          {"k10", cell.k10},
          {"k01", cell.k01},
          {"k11", cell.k11}};
}

}  // namespace

Bilinear::Bilinear(const PerformanceModelArguments& arguments)
    : quantity_(arguments.quantity), clamp_(arguments.parameters.string("outside") == "clamp") {}

void Bilinear::check_value(const Configuration& configuration, double value) const {
  const bool fits = quantity_ == Quantity::accuracy ? value >= 0.0 && value <= 1.0
                                                    : value > 0.0 && std::isfinite(value);
  if (!fits) {
    throw DataError(
        fmt::format("the {} observed at instances {}, sparsity {} is {}; expected a number {}",
                    name_of(quantity_), configuration.at("instances"), configuration.at("sparsity"),
                    value, quantity_ == Quantity::accuracy ? "in [0, 1]" : "above 0"));
  }
}

double Bilinear::to_fitted(double value) const {
  return quantity_ == Quantity::throughput ? std::log(value) : value;
}

double Bilinear::from_fitted(double value) const {
  return quantity_ == Quantity::throughput ? std::exp(value) : std::clamp(value, 0.0, 1.0);
}

void Bilinear::fit(const std::vector<Observation>& observations) {
  if (observations.empty()) {
    throw DataError(fmt::format("the bilinear model of the {} needs at least one observation",
                                name_of(quantity_)));
  }
  std::map<Point, std::vector<double>> values;
  for (const Observation& observation : observations) {
    const Point point = to_point(observation.configuration);
    check_value(observation.configuration, observation.value);
    values[point].push_back(observation.value);
  }
  std::map<Point, double> measured;
  std::map<Point, double> fitted;
  for (const auto& [point, repeated] : values) {
    double mean = 0.0;
    for (const double value : repeated) mean += value / static_cast<double>(repeated.size());
    measured[point] = mean;
    fitted[point] = to_fitted(mean);
  }
  measured_ = std::move(measured);
  grid_.emplace(fitted);
}

Prediction Bilinear::predict(const Configuration& configuration) const {
  if (!grid_) {
    throw DataError("the bilinear model predicts nothing before it is fitted or loaded");
  }
  const Point point = to_point(configuration);
  if (const auto found = measured_.find(point); found != measured_.end()) {
    return {found->second, std::nullopt, false, "measured"};
  }
  const GridValue outside = grid_->at(point);
  const double value = clamp_ ? grid_->at(grid_->clamped(point)).value : outside.value;
  return {from_fitted(value), std::nullopt, outside.extrapolated,
          outside.extrapolated ? "extrapolated" : "interpolated"};
}

std::string Bilinear::save() const {
  json observations = json::array();
  for (const auto& [point, value] : measured_) {
    observations.push_back(
        {{"instances", point.instances}, {"sparsity", point.sparsity}, {"value", value}});
  }
  json cells = json::array();
  if (grid_) {
    for (const CellCoefficients& cell : grid_->coefficients()) cells.push_back(to_json(cell));
  }
  const json document = {{"format", kFormat},
                         {"quantity", name_of(quantity_)},
                         {"outside", clamp_ ? "clamp" : "extrapolate"},
                         {"observations", observations},
                         {"cells", cells}};
  return document.dump(2);
}

void Bilinear::load(const std::string& text) {
  try {
    const json document = json::parse(text);
    if (document.at("format") != kFormat) {
      throw DataError(fmt::format("a saved bilinear model has the format '{}', found {}", kFormat,
                                  document.at("format").dump()));
    }
    if (document.at("quantity") != name_of(quantity_)) {
      throw DataError(fmt::format("expected a saved bilinear model of the {}, found one of {}",
                                  name_of(quantity_), document.at("quantity").dump()));
    }
    std::vector<Observation> observations;
    for (const json& entry : document.at("observations")) {
      observations.push_back({{{"instances", entry.at("instances").get<double>()},
                               {"sparsity", entry.at("sparsity").get<double>()}},
                              entry.at("value").get<double>()});
    }
    const bool clamp = document.at("outside").get<std::string>() == "clamp";
    fit(observations);
    clamp_ = clamp;
  } catch (const json::exception& problem) {
    throw DataError(fmt::format("this is not a saved bilinear model: {}", problem.what()));
  }
}

}  // namespace prumux::predictors
