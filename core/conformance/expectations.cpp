#include "core/conformance/expectations.h"

#include <ATen/ATen.h>

#include <spdlog/fmt/ranges.h>
#include <algorithm>

namespace prumux::conformance {

std::string shape_of(const at::Tensor& tensor) {
  return tensor.defined() ? fmt::format("[{}]", fmt::join(tensor.sizes().vec(), ", ")) : "nothing";
}

void expect_shape(const at::Tensor& tensor, at::IntArrayRef shape, const std::string& what) {
  expect(tensor.defined() && tensor.sizes() == shape, "{} is {}, expected [{}]", what,
         shape_of(tensor), fmt::join(shape.vec(), ", "));
}

void expect_finite(const at::Tensor& tensor, const std::string& what) {
  expect(tensor.defined() && tensor.isfinite().all().item<bool>(), "{} is not finite", what);
}

void expect_close(const at::Tensor& a, const at::Tensor& b, double tolerance,
                  const std::string& what) {
  expect(a.defined() && b.defined() && a.sizes() == b.sizes(), "{}: shapes {} and {}", what,
         shape_of(a), shape_of(b));
  if (a.numel() == 0) return;
  const double difference = (a - b).abs().max().item<double>();
  const double limit = tolerance * std::max(1.0, b.abs().max().item<double>());
  expect(difference <= limit, "{}: they differ by {:.3g}, expected at most {:.3g}", what,
         difference, limit);
}

void expect_equal(const at::Tensor& a, const at::Tensor& b, const std::string& what) {
  expect(a.defined() == b.defined(), "{}: only one of the two is there", what);
  if (!a.defined()) return;
  expect(a.sizes() == b.sizes(), "{}: shapes {} and {}", what, shape_of(a), shape_of(b));
  if (at::equal(a, b)) return;
  const double difference = (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
  throw Failure(
      fmt::format("{}: they differ by up to {:.3g}, expected the same bits", what, difference));
}

}  // namespace prumux::conformance
