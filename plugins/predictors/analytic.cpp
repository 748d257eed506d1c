#include "analytic.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "least_squares.h"
#include "prumux/error.h"
#include "quantity.h"

namespace prumux::predictors {
namespace {

using nlohmann::json;

constexpr const char* kAnalyticFormat = "prumux analytic 1";
constexpr const char* kTermNames[] = {"operation", "byte", "pass", "text"};

EncoderSizes sizes_from(const Parameters& parameters) {
  EncoderSizes sizes;
  sizes.layers = static_cast<double>(parameters.integer("layers"));
  sizes.heads = static_cast<double>(parameters.integer("heads"));
  sizes.hidden = static_cast<double>(parameters.integer("hidden"));
  sizes.head_size = sizes.hidden / sizes.heads;
  sizes.intermediate = static_cast<double>(parameters.integer("intermediate"));
  sizes.length = parameters.real("length");
  sizes.prefix = parameters.real("prefix");
  sizes.groups = static_cast<double>(parameters.integer("groups"));
  return sizes;
}

/// A choice of terms with their coefficients.
struct Fit {
  std::vector<double> coefficients;  ///< Of all terms; 0 for those that are left out.
  double squared_error = HUGE_VAL;
};

/// The fit of the terms in `subset` (a bit each) to ones; none when a coefficient would be negative
/// or the terms are not independent.
std::optional<Fit> fit_of(unsigned subset, const std::vector<std::vector<double>>& columns) {
  std::vector<std::vector<double>> chosen;
  for (std::size_t term = 0; term < columns.size(); ++term) {
    if ((subset >> term & 1U) != 0) chosen.push_back(columns[term]);
  }
  const std::size_t count = columns.front().size();
  if (chosen.size() > count) return std::nullopt;
  const auto found = least_squares(chosen, std::vector<double>(count, 1.0));
  if (!found) return std::nullopt;
  if (std::any_of(found->begin(), found->end(), [](double c) { return !(c > 0.0); })) {
    return std::nullopt;
  }
  Fit fit{std::vector<double>(columns.size(), 0.0), 0.0};
  auto next = found->begin();
  for (std::size_t term = 0; term < columns.size(); ++term) {
    if ((subset >> term & 1U) != 0) fit.coefficients[term] = *next++;
  }
  for (std::size_t i = 0; i < count; ++i) {
    double sum = -1.0;
    for (std::size_t term = 0; term < columns.size(); ++term) {
      sum += fit.coefficients[term] * columns[term][i];
    }
    fit.squared_error += sum * sum;
  }
  return fit;
}

/// Non-negative least squares against ones by trying every choice of terms: there are 15. Of
/// equally good ones the first with the fewest terms.
Fit best_fit(const std::vector<std::vector<double>>& columns) {
  constexpr double kNoBetter = 1e-12;
  const int terms = static_cast<int>(columns.size());
  Fit best;
  for (int size = 1; size <= terms; ++size) {
    for (unsigned subset = 1; subset < 1U << terms; ++subset) {
      if (std::popcount(subset) != size) continue;
      const std::optional<Fit> fit = fit_of(subset, columns);
      if (fit && fit->squared_error < best.squared_error - kNoBetter) best = *fit;
    }
  }
  return best;
}

}  // namespace

Analytic::Analytic(const PerformanceModelArguments& arguments)
    : quantity_(arguments.quantity), dense_(sizes_from(arguments.parameters)), accuracy_([&] {
        PerformanceModelArguments bilinear{Quantity::accuracy, {}};
        bilinear.parameters.set("outside", std::string("extrapolate"));
        return bilinear;
      }()) {}

Analytic::Terms Analytic::terms_of(const Configuration& configuration) const {
  const EncoderWork work = EncoderWork::of(EncoderSizes::of(configuration, dense_));
  return {work.operations, work.bytes, work.passes, 1.0};
}

void Analytic::fit(const std::vector<Observation>& observations) {
  if (quantity_ == Quantity::accuracy) return accuracy_.fit(observations);
  if (observations.empty()) {
    throw DataError("the analytic model of the throughput needs at least one observation");
  }
  // Each divided by the seconds that were measured, so that errors count relatively.
  std::vector<std::vector<double>> columns(kTerms);
  for (const Observation& observation : observations) {
    check_value(quantity_, observation.configuration, observation.value);
    const Terms terms = terms_of(observation.configuration);
    for (std::size_t term = 0; term < kTerms; ++term) {
      columns[term].push_back(terms[term] * observation.value);
    }
  }
  const Fit fit = best_fit(columns);
  Terms seconds{};
  std::copy(fit.coefficients.begin(), fit.coefficients.end(), seconds.begin());
  const auto used = static_cast<std::size_t>(
      std::count_if(seconds.begin(), seconds.end(), [](double c) { return c > 0.0; }));
  relative_deviation_.reset();
  if (observations.size() > used) {
    relative_deviation_ =
        std::sqrt(fit.squared_error / static_cast<double>(observations.size() - used));
  }
  seconds_ = seconds;
  observations_ = observations;
}

bool Analytic::is_outside(const Configuration& configuration) const {
  return std::any_of(configuration.begin(), configuration.end(), [&](const auto& entry) {
    double lowest = HUGE_VAL;
    double highest = -HUGE_VAL;
    for (const Observation& observation : observations_) {
      const auto found = observation.configuration.find(entry.first);
      if (found == observation.configuration.end()) continue;
      lowest = std::min(lowest, found->second);
      highest = std::max(highest, found->second);
    }
    return entry.second < lowest || entry.second > highest;
  });
}

Prediction Analytic::predict(const Configuration& configuration) const {
  if (quantity_ == Quantity::accuracy) return accuracy_.predict(configuration);
  if (!seconds_) {
    throw DataError("the analytic model predicts nothing before it is fitted or loaded");
  }
  const Terms terms = terms_of(configuration);
  const double seconds = std::inner_product(terms.begin(), terms.end(), seconds_->begin(), 0.0);
  if (!(seconds > 0.0)) {
    throw DataError(
        fmt::format("the analytic model predicts no time at all for {}: nothing is "
                    "left of the encoder; measure such a cell",
                    describe(configuration)));
  }
  Prediction prediction;
  prediction.value = 1.0 / seconds;
  if (relative_deviation_) prediction.uncertainty = prediction.value * *relative_deviation_;
  prediction.extrapolated = is_outside(configuration);
  prediction.source = "analytic";
  return prediction;
}

std::string Analytic::save() const {
  if (quantity_ == Quantity::accuracy) return accuracy_.save();
  json observations = json::array();
  for (const Observation& observation : observations_) {
    observations.push_back(
        {{"configuration", observation.configuration}, {"value", observation.value}});
  }
  json seconds = json::object();
  for (std::size_t term = 0; seconds_ && term < kTerms; ++term) {
    seconds[kTermNames[term]] = (*seconds_)[term];
  }
  return json{
      {"format", kAnalyticFormat}, {"seconds_of_a", seconds}, {"observations", observations}}
      .dump(2);
}

void Analytic::load(const std::string& text) {
  if (quantity_ == Quantity::accuracy) return accuracy_.load(text);
  try {
    const json document = json::parse(text);
    if (document.at("format") != kAnalyticFormat) {
      throw DataError(fmt::format("a saved analytic model has the format '{}', found {}",
                                  kAnalyticFormat, document.at("format").dump()));
    }
    std::vector<Observation> observations;
    for (const json& entry : document.at("observations")) {
      observations.push_back(
          {entry.at("configuration").get<Configuration>(), entry.at("value").get<double>()});
    }
    fit(observations);
  } catch (const json::exception& problem) {
    throw DataError(fmt::format("this is not a saved analytic model: {}", problem.what()));
  }
}

}  // namespace prumux::predictors
