#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

/// The hard-concrete distribution (Louizos et al. 2018) as CoFi uses it: a relaxed Bernoulli
/// variable stretched to (-0.1, 1.1) and clamped to [0, 1]. `log_alpha` has any shape unless
/// stated; `temperature` is the distribution's beta. Everything but `ranked_mask` is
/// differentiable.
namespace prumux::cofi::hard_concrete {

/// Bounds of log-alpha after every optimiser step: ln 0.01 and ln 100.
inline constexpr double kMinimumLogAlpha = -4.605170185988091;
inline constexpr double kMaximumLogAlpha = 4.605170185988092;

/// P(z != 0), between 1e-6 and 1 - 1e-6.
at::Tensor keep_probability(const at::Tensor& log_alpha, double temperature);

/// Uniform noise for `sample`, of the shape of `log_alpha`, from libtorch's default generator.
at::Tensor uniform_noise(const at::Tensor& log_alpha);

/// z for given uniform noise in (0, 1).
at::Tensor sample(const at::Tensor& log_alpha, const at::Tensor& noise, double temperature);

/// How many of the n units of each row of `log_alpha` [rows, n] are to be removed: the expected
/// number, rounded half to even.
std::vector<std::int64_t> expected_removals(const at::Tensor& log_alpha, double temperature);

/// The mask [rows, n] of evaluation and export: in each row the `removals` smallest units are 0.
/// The others are sigmoid(0.8 log_alpha / temperature), which is less than 1. Of equal units the
/// first goes first.
at::Tensor ranked_mask(const at::Tensor& log_alpha, const std::vector<std::int64_t>& removals,
                       double temperature);

}  // namespace prumux::cofi::hard_concrete
