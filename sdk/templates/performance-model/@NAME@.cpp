#include "@NAME@.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <tuple>

#include "prumux/error.h"

namespace @NAME@ {

using prumux::Configuration;
using prumux::DataError;
using prumux::Observation;

@CLASS@::@CLASS@(const prumux::PerformanceModelArguments& arguments)
    : power_(arguments.parameters.real("power")) {}

void @CLASS@::fit(const std::vector<Observation>& observations) {
  if (observations.empty()) throw DataError("@NAME@ needs at least one measurement");
  std::map<std::string, std::pair<double, double>> ranges;
  for (const auto& [name, value] : observations.front().configuration) ranges[name] = {value, value};
  for (const Observation& observation : observations) {
    for (auto& [name, range] : ranges) {
      const auto found = observation.configuration.find(name);
      if (found == observation.configuration.end()) {
        throw DataError("@NAME@: a measurement lacks the number '" + name + "' that others have");
      }
      range = {std::min(range.first, found->second), std::max(range.second, found->second)};
    }
  }
  observations_ = observations;
  // The sum must not depend on the order of the measurements.
  std::sort(observations_.begin(), observations_.end(), [](const auto& a, const auto& b) {
    return std::tie(a.configuration, a.value) < std::tie(b.configuration, b.value);
  });
  ranges_ = ranges;
}

double @CLASS@::distance(const Configuration& a, const Configuration& b) const {
  double sum = 0.0;
  for (const auto& [name, range] : ranges_) {
    const double width = range.second - range.first;
    sum += std::pow((a.at(name) - b.at(name)) / (width > 0 ? width : 1.0), 2);
  }
  return std::sqrt(sum);
}

bool @CLASS@::is_outside(const Configuration& configuration) const {
  return std::any_of(ranges_.begin(), ranges_.end(), [&](const auto& entry) {
    const double value = configuration.at(entry.first);
    return value < entry.second.first || value > entry.second.second;
  });
}

prumux::Prediction @CLASS@::predict(const Configuration& configuration) const {
  if (observations_.empty()) throw DataError("@NAME@: predict was called before fit");
  for (const auto& entry : ranges_) {
    if (!configuration.contains(entry.first)) {
      throw DataError("@NAME@: the configuration lacks the number '" + entry.first + "'");
    }
  }
  double weights = 0.0;
  double sum = 0.0;
  for (const Observation& observation : observations_) {
    const double far = distance(configuration, observation.configuration);
    if (far == 0.0) return {observation.value, {}, false, "measured"};
    const double weight = std::pow(far, -power_);
    weights += weight;
    sum += weight * observation.value;
  }
  const bool outside = is_outside(configuration);
  return {sum / weights, {}, outside, outside ? "extrapolated" : "interpolated"};
}

std::string @CLASS@::save() const {
  auto rows = nlohmann::json::array();
  for (const Observation& observation : observations_) {
    rows.push_back({{"configuration", observation.configuration}, {"value", observation.value}});
  }
  return nlohmann::json({{"@NAME@", rows}}).dump();
}

void @CLASS@::load(const std::string& text) {
  try {
    std::vector<Observation> observations;
    const nlohmann::json saved = nlohmann::json::parse(text);
    for (const auto& row : saved.at("@NAME@")) {
      observations.push_back({row.at("configuration").get<Configuration>(), row.at("value")});
    }
    fit(observations);
  } catch (const nlohmann::json::exception& problem) {
    throw DataError(std::string("this is no saved model of @NAME@: ") + problem.what());
  }
}

}  // namespace @NAME@
