#include "least_squares.h"

#include <cmath>
#include <cstddef>
#include <numeric>

namespace prumux::predictors {
namespace {

constexpr double kIndependent = 1e-10;

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// a -= factor * b
void subtract(std::vector<double>& a, double factor, const std::vector<double>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] -= factor * b[i];
}

}  // namespace

// QR by modified Gram-Schmidt; the values are orthogonalised along with the columns, which makes it
// as accurate as Householder's.
std::optional<std::vector<double>> least_squares(const std::vector<std::vector<double>>& columns,
                                                 const std::vector<double>& values) {
  const std::size_t count = columns.size();
  std::vector<std::vector<double>> q = columns;
  std::vector<std::vector<double>> r(count, std::vector<double>(count, 0.0));
  std::vector<double> residual = values;
  std::vector<double> solution(count, 0.0);
  for (std::size_t k = 0; k < count; ++k) {
    r[k][k] = std::sqrt(dot(q[k], q[k]));
    if (!(r[k][k] > kIndependent * std::sqrt(dot(columns[k], columns[k])))) return std::nullopt;
    for (double& entry : q[k]) entry /= r[k][k];
    for (std::size_t j = k + 1; j < count; ++j) {
      r[k][j] = dot(q[k], q[j]);
      subtract(q[j], r[k][j], q[k]);
    }
    solution[k] = dot(q[k], residual);
    subtract(residual, solution[k], q[k]);
  }
  for (std::size_t k = count; k-- > 0;) {
    for (std::size_t j = k + 1; j < count; ++j) solution[k] -= r[k][j] * solution[j];
    solution[k] /= r[k][k];
  }
  return solution;
}

}  // namespace prumux::predictors
