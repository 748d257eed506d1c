#pragma once

#include <optional>
#include <vector>

namespace prumux::predictors {

/// The coefficients c that minimise |sum_k c_k columns_k - values|; empty when the columns are not
/// linearly independent to ten digits. All columns are as long as `values`.
std::optional<std::vector<double>> least_squares(const std::vector<std::vector<double>>& columns,
                                                 const std::vector<double>& values);

}  // namespace prumux::predictors
