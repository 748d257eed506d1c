#include "core/report/curves.h"

#include <fstream>
#include <string>

namespace prumux::report {
namespace {

using nlohmann::json;

void add(Curve& curve, const json& line, const json& holder, const char* name) {
  const auto value = holder.find(name);
  const auto step = line.find("step");
  if (value == holder.end() || !value->is_number() || step == line.end() || !step->is_number()) {
    return;
  }
  curve.steps.push_back(step->get<double>());
  curve.values.push_back(value->get<double>());
}

double mean(const std::vector<double>& values, std::size_t begin, std::size_t end) {
  double sum = 0.0;
  for (std::size_t i = begin; i < end; ++i) sum += values[i];
  return sum / static_cast<double>(end - begin);
}

/// The last step stays, since it is the result.
void thin_out(Curve& curve, std::size_t maximum_points, bool average) {
  const std::size_t count = curve.steps.size();
  const std::size_t stride = (count + maximum_points - 1) / maximum_points;
  if (stride <= 1) return;
  Curve thin;
  for (std::size_t end = count - (count - 1) / stride * stride; end <= count; end += stride) {
    const std::size_t begin = end > stride ? end - stride : 0;
    thin.steps.push_back(curve.steps[end - 1]);
    thin.values.push_back(average ? mean(curve.values, begin, end) : curve.values[end - 1]);
  }
  curve = std::move(thin);
}

}  // namespace

TrainingCurves read_curves(const std::filesystem::path& stage, std::size_t maximum_points) {
  TrainingCurves curves;
  std::ifstream file(stage / "metrics.jsonl");
  for (std::string text; std::getline(file, text);) {
    const json line = json::parse(text, nullptr, false);
    if (!line.is_object()) continue;
    add(curves.loss, line, line, "loss");
    add(curves.score, line, line, "score");
    const auto metrics = line.find("metrics");
    if (metrics == line.end() || !metrics->is_object()) continue;
    add(curves.sparsity, line, *metrics, "sparsity");
    add(curves.target, line, *metrics, "target_sparsity");
  }
  thin_out(curves.loss, maximum_points, true);
  for (Curve* curve : {&curves.score, &curves.sparsity, &curves.target}) {
    thin_out(*curve, maximum_points, false);
  }
  return curves;
}

json to_json(const TrainingCurves& curves) {
  json result = json::object();
  const auto put = [&result](const char* name, const Curve& curve) {
    if (!curve.steps.empty()) result[name] = {{"steps", curve.steps}, {"values", curve.values}};
  };
  put("loss", curves.loss);
  put("score", curves.score);
  put("sparsity", curves.sparsity);
  put("target", curves.target);
  return result;
}

}  // namespace prumux::report
