#pragma once

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <gtest/gtest.h>
#include <torch/utils.h>

#include <cstddef>
#include <vector>

namespace prumux::test {

/// Expects the tensors that `compute` returns to have the same bits for one thread as for three,
/// from the same seed.
template <typename Compute>
void expect_the_same_on_any_threads(const Compute& compute) {
  const auto on = [&](int threads) -> std::vector<at::Tensor> {
    at::set_num_threads(threads);
    torch::manual_seed(3);
    return compute();
  };
  const int threads = at::get_num_threads();
  const std::vector<at::Tensor> many = on(3);
  const std::vector<at::Tensor> one = on(1);
  at::set_num_threads(threads);
  ASSERT_EQ(one.size(), many.size());
  for (std::size_t i = 0; i < one.size(); ++i) EXPECT_TRUE(one[i].equal(many[i])) << i;
}

}  // namespace prumux::test
