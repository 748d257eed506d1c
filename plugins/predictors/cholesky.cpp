#include "cholesky.h"

#include <cmath>
#include <cstddef>

namespace prumux::predictors {

std::optional<Cholesky> Cholesky::of(const Matrix& matrix) {
  Matrix lower(matrix.size(), std::vector<double>(matrix.size(), 0.0));
  for (std::size_t i = 0; i < matrix.size(); ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = matrix[i][j];
      for (std::size_t k = 0; k < j; ++k) sum -= lower[i][k] * lower[j][k];
      if (i == j) {
        if (!(sum > 0.0)) return std::nullopt;
        lower[i][i] = std::sqrt(sum);
      } else {
        lower[i][j] = sum / lower[j][j];
      }
    }
  }
  return Cholesky(std::move(lower));
}

std::vector<double> Cholesky::solve_lower(std::vector<double> b) const {
  for (std::size_t i = 0; i < b.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) b[i] -= lower_[i][k] * b[k];
    b[i] /= lower_[i][i];
  }
  return b;
}

std::vector<double> Cholesky::solve(const std::vector<double>& b) const {
  std::vector<double> x = solve_lower(b);
  for (std::size_t i = x.size(); i-- > 0;) {
    for (std::size_t k = i + 1; k < x.size(); ++k) x[i] -= lower_[k][i] * x[k];
    x[i] /= lower_[i][i];
  }
  return x;
}

double Cholesky::log_determinant() const {
  double sum = 0.0;
  for (std::size_t i = 0; i < lower_.size(); ++i) sum += 2.0 * std::log(lower_[i][i]);
  return sum;
}

}  // namespace prumux::predictors
