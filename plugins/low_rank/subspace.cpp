#include "subspace.h"

#include <ATen/ATen.h>

namespace prumux::low_rank {
namespace {

bool is_wide(const at::Tensor& weight) { return weight.size(0) < weight.size(1); }

}  // namespace

at::Tensor leading_subspace(const at::Tensor& weight, std::int64_t rank) {
  const at::Tensor gram = is_wide(weight) ? weight.matmul(weight.t()) : weight.t().matmul(weight);
  const auto vectors = std::get<1>(at::linalg_eigh(gram));  // eigenvalues ascend
  return vectors.narrow(1, vectors.size(1) - rank, rank).contiguous();
}

at::Tensor follow_subspace(const at::Tensor& weight, const at::Tensor& basis) {
  const at::Tensor image = is_wide(weight) ? weight.matmul(weight.t().matmul(basis))
                                           : weight.t().matmul(weight.matmul(basis));
  return std::get<0>(at::linalg_qr(image)).contiguous();
}

at::Tensor project(const at::Tensor& weight, const at::Tensor& basis) {
  return is_wide(weight) ? basis.matmul(basis.t().matmul(weight))
                         : weight.matmul(basis).matmul(basis.t());
}

}  // namespace prumux::low_rank
