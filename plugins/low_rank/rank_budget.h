#pragma once

#include <cstdint>
#include <vector>

namespace prumux::low_rank {

/// Rows and columns of a weight.
struct WeightShape {
  std::int64_t outputs = 0;
  std::int64_t inputs = 0;

  std::int64_t size() const { return outputs * inputs; }
  /// Parameters that one dimension of the product costs.
  std::int64_t rank_cost() const { return outputs + inputs; }
  std::int64_t full_rank() const { return outputs < inputs ? outputs : inputs; }
};

/// The rank of each weight for which they have at most `parameters` together: the same share of
/// every weight, to one dimension. A weight that would be no smaller as a product keeps its full
/// rank. At least 1 each, whatever the budget.
std::vector<std::int64_t> ranks_within(const std::vector<WeightShape>& shapes, double parameters);

/// Whether a product of this rank is smaller than the weight.
bool is_smaller(const WeightShape& shape, std::int64_t rank);

}  // namespace prumux::low_rank
