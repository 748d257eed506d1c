#include "rank_budget.h"

#include <algorithm>
#include <cstddef>

namespace prumux::low_rank {

bool is_smaller(const WeightShape& shape, std::int64_t rank) {
  return rank * shape.rank_cost() < shape.size();
}

std::vector<std::int64_t> ranks_within(const std::vector<WeightShape>& shapes, double parameters) {
  double all = 0.0;
  for (const WeightShape& shape : shapes) all += static_cast<double>(shape.size());
  std::vector<std::int64_t> ranks;
  if (parameters >= all) {
    for (const WeightShape& shape : shapes) ranks.push_back(shape.full_rank());
    return ranks;
  }
  double left = parameters;
  for (const WeightShape& shape : shapes) {
    const double share = std::max(parameters, 0.0) / all * static_cast<double>(shape.size());
    const auto rank = static_cast<std::int64_t>(share / static_cast<double>(shape.rank_cost()));
    ranks.push_back(std::max<std::int64_t>(rank, 1));
    left -= static_cast<double>(ranks.back() * shape.rank_cost());
  }
  // What rounding down has left over, one dimension each.
  for (std::size_t index = 0; index < shapes.size(); ++index) {
    const auto cost = static_cast<double>(shapes[index].rank_cost());
    if (cost > left || !is_smaller(shapes[index], ranks[index] + 1)) continue;
    ++ranks[index];
    left -= cost;
  }
  for (std::size_t index = 0; index < shapes.size(); ++index) {
    if (!is_smaller(shapes[index], ranks[index])) ranks[index] = shapes[index].full_rank();
  }
  return ranks;
}

}  // namespace prumux::low_rank
