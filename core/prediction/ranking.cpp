#include "core/prediction/ranking.h"

#include <algorithm>

namespace prumux::prediction {
namespace {

bool is_better(const Recommendation& a, const Recommendation& b) {
  if (a.throughput.value != b.throughput.value) return a.throughput.value > b.throughput.value;
  if (a.accuracy.value != b.accuracy.value) return a.accuracy.value > b.accuracy.value;
  return a.cell < b.cell;
}

}  // namespace

bool Recommendation::extrapolated() const {
  return accuracy.source == Source::extrapolated || throughput.source == Source::extrapolated;
}

void keep_best(std::vector<Recommendation>& candidates, double min_accuracy, std::size_t count) {
  std::erase_if(candidates, [&](const Recommendation& candidate) {
    return candidate.accuracy.value < min_accuracy - kRoundingSlack;
  });
  std::ranges::sort(candidates, is_better);
  if (candidates.size() > count) {
    candidates.erase(candidates.begin() + static_cast<std::ptrdiff_t>(count), candidates.end());
  }
}

}  // namespace prumux::prediction
