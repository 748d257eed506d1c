#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace prumux::low_rank {

/// Orthonormal columns [n, rank], n the smaller side of `weight` [out, in], that span its leading
/// singular vectors of that side.
at::Tensor leading_subspace(const at::Tensor& weight, std::int64_t rank);

/// The subspace of a weight that has changed a little since `basis` was its leading one, after one
/// step of subspace iteration (Golub and Van Loan, section 8.2.4).
at::Tensor follow_subspace(const at::Tensor& weight, const at::Tensor& basis);

/// The nearest matrix to `weight` whose rows, or columns when they are fewer, lie in the span of
/// `basis`: of that rank.
at::Tensor project(const at::Tensor& weight, const at::Tensor& basis);

}  // namespace prumux::low_rank
