#include <spdlog/fmt/fmt.h>

#include <nlohmann/json.hpp>

#include "core/prediction/recommendation.h"
#include "core/prediction/validation.h"

namespace prumux::prediction {
namespace {

using nlohmann::json;

json number_or_null(const std::optional<double>& value) {
  return value ? json(*value) : json(nullptr);
}

json to_json(const Recommendation& recommendation) {
  json result = {{"instances", recommendation.cell.instances},
                 {"sparsity", recommendation.cell.sparsity},
                 {"accuracy", recommendation.accuracy.value},
                 {"throughput", recommendation.throughput.value},
                 {"accuracy_source", to_string(recommendation.accuracy.source)},
                 {"throughput_source", to_string(recommendation.throughput.source)},
                 {"extrapolated", recommendation.extrapolated()}};
  if (const auto uncertainty = recommendation.accuracy.uncertainty) {
    result["accuracy_uncertainty"] = *uncertainty;
  }
  if (const auto uncertainty = recommendation.throughput.uncertainty) {
    result["throughput_uncertainty"] = *uncertainty;
  }
  return result;
}

/// Adds what is known of one quantity of a cell.
void add(json& cell, const std::string& quantity, const std::optional<LeftOutValue>& value) {
  if (!value) return;
  cell[quantity] = value->measured;
  cell["predicted_" + quantity] = nullptr;
  if (!value->predicted) return;
  cell["predicted_" + quantity] = value->predicted->value;
  cell[quantity + "_source"] = to_string(value->predicted->source);
  if (value->predicted->uncertainty) {
    cell[quantity + "_uncertainty"] = *value->predicted->uncertainty;
  }
}

json to_json(const LeftOutCell& left_out) {
  json result = {{"instances", left_out.cell.instances}, {"sparsity", left_out.cell.sparsity}};
  add(result, "accuracy", left_out.accuracy);
  add(result, "throughput", left_out.throughput);
  return result;
}

std::string percent_or_dash(const std::optional<double>& share) {
  return share ? fmt::format("{:.1f} %", 100.0 * *share) : "-";
}

std::string with_source(const std::string& number, Source source) {
  return fmt::format("{}  {}", number, to_string(source));
}

}  // namespace

json to_json(const std::vector<Recommendation>& recommendations) {
  json list = json::array();
  for (const Recommendation& one : recommendations) list.push_back(to_json(one));
  return list;
}

json to_json(const Recommendations& recommendations) {
  return {{"task", recommendations.task},
          {"throughput_task", recommendations.throughput_task},
          {"min_accuracy", recommendations.min_accuracy},
          {"baseline",
           {{"accuracy", number_or_null(recommendations.baseline_accuracy)},
            {"throughput", number_or_null(recommendations.baseline_throughput)}}},
          {"recommendations", to_json(recommendations.best)}};
}

std::string to_text(const Recommendations& recommendations) {
  std::string text =
      fmt::format("Task {}: the fastest configurations with an accuracy of at least {:.4f}",
                  recommendations.task, recommendations.min_accuracy);
  if (recommendations.baseline_accuracy) {
    text += fmt::format(" (uncompressed: {:.4f})", *recommendations.baseline_accuracy);
  }
  text += fmt::format("\n\n{:>4}  {:>9}  {:>8}  {:<22}  {:<24}  {:>8}\n", "rank", "instances",
                      "sparsity", "accuracy", "examples/s", "speed-up");
  int rank = 0;
  for (const Recommendation& one : recommendations.best) {
    const std::string accuracy =
        with_source(fmt::format("{:.4f}", one.accuracy.value), one.accuracy.source);
    const std::string throughput =
        with_source(fmt::format("{:.1f}", one.throughput.value), one.throughput.source);
    const std::string speedup =
        recommendations.baseline_throughput
            ? fmt::format("{:.2f}x", one.throughput.value / *recommendations.baseline_throughput)
            : "-";
    text += fmt::format("{:>4}  {:>9}  {:>8.4g}  {:<22}  {:<24}  {:>8}\n", ++rank,
                        one.cell.instances, one.cell.sparsity, accuracy, throughput, speedup);
  }
  if (recommendations.throughput_task != recommendations.task) {
    text += fmt::format("\nExamples/s are those of task {}.\n", recommendations.throughput_task);
  }
  return text;
}

json to_json(const std::vector<Validation>& validations) {
  json result = json::object();
  for (const Validation& validation : validations) {
    json left_out = json::array();
    for (const LeftOutCell& cell : validation.left_out) left_out.push_back(to_json(cell));
    result[validation.task] = {{"accuracy_within", number_or_null(validation.accuracy_within)},
                               {"accuracy_error", number_or_null(validation.accuracy_error)},
                               {"throughput_within", number_or_null(validation.throughput_within)},
                               {"throughput_error", number_or_null(validation.throughput_error)},
                               {"top3_hit", number_or_null(validation.top3_hit)},
                               {"left_out", left_out}};
  }
  return result;
}

std::string to_text(const std::vector<Validation>& validations) {
  constexpr const char* kLine = "{:<16}  {:>16}  {:>10}  {:>17}  {:>10}  {:>10}  {:>8}\n";
  std::string text = fmt::format(kLine, "task", "accuracy +-0.015", "mean error",
                                 "throughput +-20 %", "mean error", "top-3 hits", "left out");
  for (const Validation& validation : validations) {
    const auto accuracy_error = validation.accuracy_error;
    text += fmt::format(kLine, validation.task, percent_or_dash(validation.accuracy_within),
                        accuracy_error ? fmt::format("{:.4f}", *accuracy_error) : "-",
                        percent_or_dash(validation.throughput_within),
                        percent_or_dash(validation.throughput_error),
                        percent_or_dash(validation.top3_hit), validation.left_out.size());
  }
  return text;
}

}  // namespace prumux::prediction
