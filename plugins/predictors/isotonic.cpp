#include "isotonic.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace prumux::predictors {
namespace {

constexpr int kMaximumRounds = 10'000;
constexpr double kTolerance = 1e-12;

/// Neighbours that share one value.
struct Pool {
  double value;
  double weight;
  std::size_t count;
};

/// The nearest sequence that rises nowhere: pool adjacent violators.
std::vector<double> falling(const std::vector<double>& values, const std::vector<double>& weights) {
  std::vector<Pool> pools;
  for (std::size_t i = 0; i < values.size(); ++i) {
    pools.push_back({values[i], weights[i], 1});
    while (pools.size() > 1 && pools[pools.size() - 2].value < pools.back().value) {
      const Pool last = pools.back();
      pools.pop_back();
      Pool& pool = pools.back();
      const double weight = pool.weight + last.weight;
      pool.value = (pool.value * pool.weight + last.value * last.weight) / weight;
      pool.weight = weight;
      pool.count += last.count;
    }
  }
  std::vector<double> result;
  for (const Pool& pool : pools) result.insert(result.end(), pool.count, pool.value);
  return result;
}

Table transposed(const Table& table) {
  Table result(table.front().size(), std::vector<double>(table.size()));
  for (std::size_t i = 0; i < table.size(); ++i) {
    for (std::size_t j = 0; j < table[i].size(); ++j) result[j][i] = table[i][j];
  }
  return result;
}

Table falling_rows(const Table& values, const Table& weights) {
  Table result;
  for (std::size_t i = 0; i < values.size(); ++i) result.push_back(falling(values[i], weights[i]));
  return result;
}

/// a + factor * b
Table plus(const Table& a, double factor, const Table& b) {
  Table result = a;
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < a[i].size(); ++j) result[i][j] += factor * b[i][j];
  }
  return result;
}

double largest_change(const Table& a, const Table& b) {
  double largest = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < a[i].size(); ++j) {
      largest = std::max(largest, std::abs(a[i][j] - b[i][j]));
    }
  }
  return largest;
}

}  // namespace

Table nearest_falling(const Table& values, const Table& weights) {
  const Table column_weights = transposed(weights);
  const Table zeros = plus(values, -1.0, values);
  Table current = values;
  Table row_residue = zeros;
  Table column_residue = zeros;
  for (int round = 0; round < kMaximumRounds; ++round) {
    const Table shifted = plus(current, 1.0, row_residue);
    const Table rows = falling_rows(shifted, weights);
    row_residue = plus(shifted, -1.0, rows);
    const Table both = plus(rows, 1.0, column_residue);
    const Table columns = transposed(falling_rows(transposed(both), column_weights));
    column_residue = plus(both, -1.0, columns);
    const bool settled =
        largest_change(columns, current) < kTolerance && largest_change(columns, rows) < kTolerance;
    current = columns;
    if (settled) break;
  }
  return current;
}

}  // namespace prumux::predictors
