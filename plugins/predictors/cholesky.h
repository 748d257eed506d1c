#pragma once

#include <optional>
#include <utility>
#include <vector>

namespace prumux::predictors {

/// A symmetric matrix, row by row.
using Matrix = std::vector<std::vector<double>>;

/// The factorisation L L^T of a positive definite matrix.
class Cholesky {
 public:
  /// Empty when the matrix is not positive definite.
  static std::optional<Cholesky> of(const Matrix& matrix);

  /// L^-1 b.
  std::vector<double> solve_lower(std::vector<double> b) const;

  /// (L L^T)^-1 b.
  std::vector<double> solve(const std::vector<double>& b) const;

  /// The logarithm of the matrix' determinant.
  double log_determinant() const;

 private:
  explicit Cholesky(Matrix lower) : lower_(std::move(lower)) {}

  Matrix lower_;
};

}  // namespace prumux::predictors
