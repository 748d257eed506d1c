#pragma once

#include <cstdint>

namespace prumux::model {

// LayerNorm (Ba et al. 2016) of one row, compiled for what the processor has. Nothing is in place.

/// Mean of a row, and 1 / sqrt(variance + eps).
struct Moments {
  float mean = 0.0F;
  float inverse_deviation = 1.0F;
};

Moments moments_of(const float* x, std::int64_t count, float eps);

/// result[j] = (x[j] - mean) * inverse_deviation * weight[j] + bias[j].
void normalise(const float* x, Moments moments, const float* weight, const float* bias,
               std::int64_t count, float* result);

/// The gradient of a row from that of its LayerNorm; the weight's and the bias's are added to.
void normalise_backward(const float* x, Moments moments, const float* weight, const float* gradient,
                        std::int64_t count, float* x_gradient, float* weight_gradient,
                        float* bias_gradient);

/// sums[j] += x[j].
void add_row(const float* x, std::int64_t count, float* sums);

}  // namespace prumux::model
