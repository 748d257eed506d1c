#pragma once

#include <ATen/core/Tensor.h>
#include <spdlog/fmt/fmt.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace prumux::conformance {

/// A promise that does not hold; the text says what was found and what was expected.
class Failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A check that cannot be made here; the text says why.
class Skipped : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws `Failure` with the formatted text unless `condition`.
template <typename... Arguments>
void expect(bool condition, fmt::format_string<Arguments...> text, Arguments&&... arguments) {
  if (!condition) throw Failure(fmt::format(text, std::forward<Arguments>(arguments)...));
}

/// "[2, 3]".
std::string shape_of(const at::Tensor& tensor);

void expect_shape(const at::Tensor& tensor, at::IntArrayRef shape, const std::string& what);
void expect_finite(const at::Tensor& tensor, const std::string& what);

/// Largest difference at most `tolerance` times the largest value (at least 1).
void expect_close(const at::Tensor& a, const at::Tensor& b, double tolerance,
                  const std::string& what);

/// The same bits, or both undefined.
void expect_equal(const at::Tensor& a, const at::Tensor& b, const std::string& what);

}  // namespace prumux::conformance
