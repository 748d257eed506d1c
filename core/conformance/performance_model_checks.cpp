#include "core/conformance/performance_model_checks.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/conformance/expectations.h"
#include "core/conformance/leaks.h"
#include "core/conformance/parameter_values.h"
#include "prumux/error.h"

namespace prumux::conformance {

namespace {

using plugin::Method;
using Model = std::shared_ptr<PerformanceModel>;

constexpr double kInstances[] = {1, 2, 5};
constexpr double kSparsities[] = {0.0, 0.3, 0.6, 0.9};
constexpr Quantity kQuantities[] = {Quantity::accuracy, Quantity::throughput};

Configuration at_cell(double instances, double sparsity) {
  return {{"instances", instances}, {"sparsity", sparsity}};
}

/// Falls with both for accuracy, rises with both for throughput, as measured grids do.
double truth(Quantity quantity, double instances, double sparsity) {
  if (quantity == Quantity::accuracy) {
    return 0.95 - 0.02 * std::log(instances) - 0.1 * sparsity * sparsity;
  }
  return 100.0 * instances / (1.1 - sparsity);
}

std::vector<Observation> observations_of(Quantity quantity, double scale = 1.0) {
  std::vector<Observation> observations;
  for (const double instances : kInstances) {
    for (const double sparsity : kSparsities) {
      observations.push_back(
          {at_cell(instances, sparsity), scale * truth(quantity, instances, sparsity)});
    }
  }
  return observations;
}

Model make(const Method& method, Quantity quantity) {
  return plugin::Registry::instance().make_performance_model(method.descriptor->name,
                                                             {quantity, usual_parameters(method)});
}

Model fitted(const Method& method, Quantity quantity) {
  Model model = make(method, quantity);
  model->fit(observations_of(quantity));
  return model;
}

/// Knots, cells between them, cells outside.
std::vector<Configuration> probes() {
  std::vector<Configuration> cells;
  for (const double instances : {1.0, 2.0, 3.0, 5.0, 8.0}) {
    for (const double sparsity : {0.0, 0.15, 0.6, 0.75, 0.95}) {
      cells.push_back(at_cell(instances, sparsity));
    }
  }
  return cells;
}

std::string text_of(const Configuration& cell) {
  return fmt::format("instances {}, sparsity {}", cell.at("instances"), cell.at("sparsity"));
}

void expect_same_predictions(const PerformanceModel& a, const PerformanceModel& b,
                             double tolerance) {
  for (const Configuration& cell : probes()) {
    const Prediction first = a.predict(cell);
    const Prediction second = b.predict(cell);
    const double limit = tolerance * std::max(1.0, std::abs(first.value));
    expect(
        std::abs(first.value - second.value) <= limit && first.extrapolated == second.extrapolated,
        "the prediction for {} is {} the first time and {} the second", text_of(cell), first.value,
        second.value);
  }
}

void is_exact_at_the_knots(const Method& method) {
  for (const Quantity quantity : kQuantities) {
    const Model model = fitted(method, quantity);
    for (const Observation& observation : observations_of(quantity)) {
      const Prediction found = model->predict(observation.configuration);
      const double error = std::abs(found.value - observation.value);
      // A model that smooths has to say so by its uncertainty.
      const double allowed =
          std::max(1e-6 * std::abs(observation.value), 3 * found.uncertainty.value_or(0.0));
      expect(error <= allowed, "at the measured {} it predicts {}, measured was {}",
             text_of(observation.configuration), found.value, observation.value);
      expect(!found.extrapolated, "the measured {} is called extrapolated",
             text_of(observation.configuration));
    }
  }
}

void predicts_between_and_outside(const Method& method) {
  for (const Quantity quantity : kQuantities) {
    const Model model = fitted(method, quantity);
    for (const Configuration& cell : probes()) {
      const Prediction found = model->predict(cell);
      expect(std::isfinite(found.value), "the prediction for {} is {}", text_of(cell), found.value);
      const bool outside = cell.at("instances") > 5.0 || cell.at("sparsity") > 0.9;
      expect(found.extrapolated == outside,
             "{} is{} outside of the measurements, its prediction is "
             "{}called extrapolated",
             text_of(cell), outside ? "" : " not", found.extrapolated ? "" : "not ");
      if (outside) continue;
      const bool in_range =
          quantity == Quantity::accuracy ? found.value >= 0 && found.value <= 1 : found.value > 0;
      expect(in_range, "the prediction for {} is {}, which is no {}", text_of(cell), found.value,
             quantity == Quantity::accuracy ? "accuracy" : "throughput");
    }
  }
}

void ignores_the_order(const Method& method) {
  std::vector<Observation> reversed = observations_of(Quantity::accuracy);
  std::reverse(reversed.begin(), reversed.end());
  const Model model = make(method, Quantity::accuracy);
  model->fit(reversed);
  expect_same_predictions(*fitted(method, Quantity::accuracy), *model, 1e-9);
}

void fits_anew(const Method& method) {
  const Model model = make(method, Quantity::accuracy);
  model->fit(observations_of(Quantity::accuracy, 0.5));
  model->fit(observations_of(Quantity::accuracy));
  expect_same_predictions(*fitted(method, Quantity::accuracy), *model, 1e-9);
}

/// Whatever it answers, it must answer: a number, or an error of prumux.
template <typename Work>
void answers(const std::string& what, const Work& work) {
  try {
    work();
  } catch (const DataError&) {
  } catch (const ConfigError&) {
  } catch (const std::exception& problem) {
    throw Failure(
        fmt::format("{} ends with: {} (expected an answer or DataError)", what, problem.what()));
  }
}

void survives_too_little(const Method& method) {
  for (const Quantity quantity : kQuantities) {
    const std::vector<Observation> all = observations_of(quantity);
    for (const std::size_t count : {0UL, 1UL, 2UL}) {
      const Model model = make(method, quantity);
      answers(fmt::format("fit with {} observations", count), [&] {
        model->fit({all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count)});
        model->predict(at_cell(2, 0.3));
      });
    }
    answers("predict before fit", [&] { make(method, quantity)->predict(at_cell(2, 0.3)); });
    answers("predict of nothing", [&] { fitted(method, quantity)->predict({}); });
  }
}

void loads_what_it_saves(const Method& method) {
  for (const Quantity quantity : kQuantities) {
    const Model model = fitted(method, quantity);
    const std::string text = model->save();
    expect(nlohmann::json::accept(text), "save returns no JSON: {}", text.substr(0, 80));
    const Model loaded = make(method, quantity);
    loaded->load(text);
    expect_same_predictions(*model, *loaded, 1e-12);
  }
}

void refuses_a_foreign_file(const Method& method) {
  for (const char* text : {"", "nonsense", "{}", "[1, 2]", R"({"a": null})"}) {
    try {
      make(method, Quantity::accuracy)->load(text);
    } catch (const DataError&) {
      continue;
    } catch (const std::exception& problem) {
      throw Failure(
          fmt::format("load of '{}' throws: {} (expected DataError)", text, problem.what()));
    }
    throw Failure(fmt::format("load takes '{}', expected DataError", text));
  }
}

}  // namespace

std::vector<Check> performance_model_checks(const Method& method) {
  return {{"it is exact where it was measured", [=] { is_exact_at_the_knots(method); }},
          {"it predicts in between, and says when outside",
           [=] { predicts_between_and_outside(method); }},
          {"the order of the measurements does not matter", [=] { ignores_the_order(method); }},
          {"a second fit replaces the first", [=] { fits_anew(method); }},
          {"it answers or refuses when there is too little", [=] { survives_too_little(method); }},
          {"it loads what it saves", [=] { loads_what_it_saves(method); }},
          {"it refuses a foreign file", [=] { refuses_a_foreign_file(method); }},
          {"it loses no memory",
           [=] { loses_no_memory([=] { fitted(method, Quantity::accuracy)->save(); }); }}};
}

}  // namespace prumux::conformance
