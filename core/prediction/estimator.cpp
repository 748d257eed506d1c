#include "core/prediction/estimator.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "prumux/error.h"

namespace prumux::prediction {
namespace {

Configuration to_configuration(const Cell& cell) {
  return {{"instances", static_cast<double>(cell.instances)}, {"sparsity", cell.sparsity}};
}

}  // namespace

std::string_view to_string(Source source) {
  switch (source) {
    case Source::measured:
      return "measured";
    case Source::interpolated:
      return "interpolated";
    case Source::extrapolated:
      break;
  }
  return "extrapolated";
}

bool is_compressed_twice(const Cell& cell) { return cell.instances > 1 && cell.sparsity > 0.0; }

Estimator::Estimator(const TaskGrid& task, Quantity quantity, ModelFactory models,
                     std::optional<Cell> left_out)
    : task_(task), quantity_(quantity), make_model_(std::move(models)), left_out_(left_out) {}

std::optional<double> Estimator::measured(const Cell& cell, const Measurement& measurement) const {
  if (cell == left_out_) return std::nullopt;
  return quantity_ == Quantity::accuracy ? measurement.accuracy : measurement.throughput;
}

bool Estimator::contains(Region region, const Cell& cell) const {
  switch (region) {
    case Region::all:
      return true;
    case Region::compressed_twice:
      return is_compressed_twice(cell);
    case Region::pruned:
      return cell.instances == 1;
    case Region::muxed:
      break;
  }
  return cell.sparsity == 0.0;
}

Estimator::Region Estimator::region_of(const Cell& cell) const {
  if (quantity_ == Quantity::throughput) return Region::all;
  if (is_compressed_twice(cell)) return Region::compressed_twice;
  return cell.instances == 1 ? Region::pruned : Region::muxed;
}

const PerformanceModel* Estimator::model_of(Region region) {
  if (const auto found = fitted_.find(region); found != fitted_.end()) return found->second.get();
  std::vector<Observation> observations;
  for (const auto& [cell, measurement] : task_.cells) {
    const std::optional<double> value = measured(cell, measurement);
    if (!value || !contains(region, cell)) continue;
    // A correlation, the score of some tasks, may be below zero; models take none.
    observations.push_back({to_configuration(cell), std::max(*value, 0.0)});
  }
  std::shared_ptr<PerformanceModel> model;
  if (!observations.empty()) {
    model = make_model_(quantity_);
    model->fit(observations);
  }
  return fitted_.emplace(region, std::move(model)).first->second.get();
}

std::optional<Estimate> Estimator::estimate(const Cell& cell) {
  if (const auto known = task_.cells.find(cell); known != task_.cells.end()) {
    if (const auto value = measured(cell, known->second)) {
      return Estimate{*value, Source::measured};
    }
  }
  const PerformanceModel* model = model_of(region_of(cell));
  if (model == nullptr) return std::nullopt;
  const Prediction prediction = model->predict(to_configuration(cell));
  if (!std::isfinite(prediction.value)) {
    throw NumericError(fmt::format(
        "the performance model predicts {} for the {} of task '{}' at {}; use another model, or "
        "measure cells nearer to this one",
        prediction.value, quantity_ == Quantity::accuracy ? "accuracy" : "throughput", task_.name,
        describe(cell)));
  }
  return Estimate{prediction.value,
                  prediction.extrapolated ? Source::extrapolated : Source::interpolated,
                  prediction.uncertainty};
}

}  // namespace prumux::prediction
