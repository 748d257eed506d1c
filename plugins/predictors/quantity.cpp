#include "quantity.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>

#include "prumux/error.h"

namespace prumux::predictors {

const char* name_of(Quantity quantity) {
  return quantity == Quantity::accuracy ? "accuracy" : "throughput";
}

std::string describe(const Configuration& configuration) {
  std::string text;
  for (const auto& [name, value] : configuration) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, value);
  }
  return text;
}

void check_value(Quantity quantity, const Configuration& configuration, double value) {
  const bool fits = quantity == Quantity::accuracy ? value >= 0.0 && value <= 1.0
                                                   : value > 0.0 && std::isfinite(value);
  if (fits) return;
  throw DataError(fmt::format("the {} observed at {} is {}; expected a number {}",
                              name_of(quantity), describe(configuration), value,
                              quantity == Quantity::accuracy ? "in [0, 1]" : "above 0"));
}

double to_modelled(Quantity quantity, double value) {
  return quantity == Quantity::throughput ? std::log(value) : value;
}

double from_modelled(Quantity quantity, double value) {
  return quantity == Quantity::throughput ? std::exp(value) : std::clamp(value, 0.0, 1.0);
}

}  // namespace prumux::predictors
