#include "core/report/measured_points.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <iterator>

namespace prumux::report {
namespace {

struct Measurement {
  const StageFolder* stage = nullptr;
  Variables variables;
};

std::vector<Measurement> without_replaced(const std::vector<const StageFolder*>& oldest_first,
                                          const StageGraph& graph, const PipelineFacts& pipeline,
                                          std::vector<std::string>& notes) {
  std::vector<Measurement> result;
  for (const StageFolder* stage : oldest_first) {
    Measurement one{stage, variables_of(*stage, graph, pipeline)};
    const auto replaced = std::ranges::find_if(result, [&one](const Measurement& other) {
      return other.stage->id == one.stage->id && other.variables == one.variables;
    });
    if (replaced != result.end()) {
      const std::string label = describe(one.variables);
      notes.push_back(fmt::format("an earlier result for {} ({}) is left out",
                                  label.empty() ? stage->id : label,
                                  replaced->stage->relative_path()));
      result.erase(replaced);
    }
    result.push_back(std::move(one));
  }
  return result;
}

/// Whether `one` says all that `other` does.
bool covers(const Variables& one, const Variables& other) { return merged(one, other) == one; }

/// All that some of the measurements say together, without what says less than another.
std::vector<Variables> combinations(const std::vector<Measurement>& measurements) {
  std::vector<Variables> found;
  for (const Measurement& one : measurements) {
    std::vector<Variables> more = {one.variables};
    for (const Variables& other : found) {
      if (auto both = merged(other, one.variables)) more.push_back(std::move(*both));
    }
    for (Variables& variables : more) {
      if (std::ranges::find(found, variables) == found.end()) found.push_back(std::move(variables));
    }
  }
  std::vector<Variables> result;
  std::ranges::copy_if(found, std::back_inserter(result), [&found](const Variables& one) {
    return std::ranges::none_of(
        found, [&one](const Variables& other) { return other != one && covers(other, one); });
  });
  return result;
}

}  // namespace

std::vector<MeasuredPoint> points_of(std::vector<const StageFolder*> measurements,
                                     const StageGraph& graph, const PipelineFacts& pipeline,
                                     std::vector<std::string>& notes) {
  std::ranges::stable_sort(measurements, {}, &StageFolder::finished);
  const std::vector<Measurement> latest = without_replaced(measurements, graph, pipeline, notes);
  std::vector<MeasuredPoint> points;
  for (Variables& variables : combinations(latest)) {
    MeasuredPoint point{std::move(variables), {}};
    for (const Measurement& one : latest) {
      if (covers(point.variables, one.variables)) point.measurements.push_back(one.stage);
    }
    points.push_back(std::move(point));
  }
  return points;
}

}  // namespace prumux::report
