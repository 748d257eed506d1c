#include "bilinear.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "prumux/error.h"
#include "quantity.h"

namespace prumux::predictors {
namespace {

using nlohmann::json;

constexpr const char* kBilinearFormat = "prumux {} 1";
constexpr const char* kDimensions[] = {"instances", "sparsity"};

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
    : Bilinear("bilinear", Surface::exact, arguments) {}

Bilinear::Bilinear(std::string name, Surface surface, const PerformanceModelArguments& arguments)
    : name_(std::move(name)),
      surface_(surface),
      quantity_(arguments.quantity),
      clamp_(arguments.parameters.string("outside") == "clamp") {}

Point Bilinear::to_point(const Configuration& configuration) const {
  for (const char* dimension : kDimensions) {
    const auto found = configuration.find(dimension);
    if (found == configuration.end()) {
      throw DataError(
          fmt::format("the {} model needs the dimension '{}', which the configuration "
                      "lacks",
                      name_, dimension));
    }
    if (!std::isfinite(found->second)) {
      throw DataError(fmt::format("the {} model needs a finite '{}', found {}", name_, dimension,
                                  found->second));
    }
  }
  for (const auto& [name, value] : configuration) {
    if (std::ranges::find(kDimensions, name) == std::end(kDimensions)) {
      throw DataError(fmt::format(
          "the {} model knows the dimensions 'instances' and 'sparsity' only, found '{}'; "
          "use another performance model",
          name_, name));
    }
  }
  return {configuration.at("instances"), configuration.at("sparsity")};
}

void Bilinear::fit(const std::vector<Observation>& observations) {
  if (observations.empty()) {
    throw DataError(fmt::format("the {} model of the {} needs at least one observation", name_,
                                name_of(quantity_)));
  }
  std::map<Point, std::vector<double>> values;
  for (const Observation& observation : observations) {
    const Point point = to_point(observation.configuration);
    check_value(quantity_, observation.configuration, observation.value);
    values[point].push_back(observation.value);
  }
  std::map<Point, double> measured;
  std::map<Point, double> fitted;
  for (const auto& [point, repeated] : values) {
    double mean = 0.0;
    for (const double value : repeated) mean += value / static_cast<double>(repeated.size());
    measured[point] = mean;
    fitted[point] = to_modelled(quantity_, mean);
  }
  measured_ = std::move(measured);
  grid_.emplace(fitted);
  if (surface_ == Surface::monotone) grid_->make_monotone(quantity_ == Quantity::throughput);
}

Prediction Bilinear::predict(const Configuration& configuration) const {
  if (!grid_) {
    throw DataError(
        fmt::format("the {} model predicts nothing before it is fitted or loaded", name_));
  }
  const Point point = to_point(configuration);
  const auto found = measured_.find(point);
  if (found != measured_.end() && surface_ == Surface::exact) {
    return {found->second, std::nullopt, false, "measured"};
  }
  const GridValue outside = grid_->at(point);
  const double value = clamp_ ? grid_->at(grid_->clamped(point)).value : outside.value;
  return {from_modelled(quantity_, value), std::nullopt, outside.extrapolated,
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
  const json document = {{"format", fmt::format(kBilinearFormat, name_)},
                         {"quantity", name_of(quantity_)},
                         {"outside", clamp_ ? "clamp" : "extrapolate"},
                         {"observations", observations},
                         {"cells", cells}};
  return document.dump(2);
}

void Bilinear::load(const std::string& text) {
  try {
    const json document = json::parse(text);
    const std::string format = fmt::format(kBilinearFormat, name_);
    if (document.at("format") != format) {
      throw DataError(fmt::format("a saved {} model has the format '{}', found {}", name_, format,
                                  document.at("format").dump()));
    }
    if (document.at("quantity") != name_of(quantity_)) {
      throw DataError(fmt::format("expected a saved {} model of the {}, found one of {}", name_,
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
    throw DataError(fmt::format("this is not a saved {} model: {}", name_, problem.what()));
  }
}

}  // namespace prumux::predictors
