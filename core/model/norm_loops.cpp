#include "core/model/norm_loops.h"

#include <cmath>

#include "core/model/for_this_processor.h"

namespace prumux::model {
PRUMUX_FOR_THIS_PROCESSOR
Moments moments_of(const float* x, std::int64_t count, float eps) {
  const std::int64_t whole = count / kLanes * kLanes;
  float lanes[kLanes] = {};
  for (std::int64_t j = 0; j < whole; j += kLanes) {
    for (std::int64_t lane = 0; lane < kLanes; ++lane) lanes[lane] += x[j + lane];
  }
  float sum = 0.0F;
  for (std::int64_t j = whole; j < count; ++j) sum += x[j];
  for (const float part : lanes) sum += part;
  const float mean = sum / static_cast<float>(count);

  float squares[kLanes] = {};
  for (std::int64_t j = 0; j < whole; j += kLanes) {
    for (std::int64_t lane = 0; lane < kLanes; ++lane) {
      const float distance = x[j + lane] - mean;
      squares[lane] += distance * distance;
    }
  }
  float variance = 0.0F;
  for (std::int64_t j = whole; j < count; ++j) variance += (x[j] - mean) * (x[j] - mean);
  for (const float part : squares) variance += part;
  return {mean, 1.0F / std::sqrt(variance / static_cast<float>(count) + eps)};
}

PRUMUX_FOR_THIS_PROCESSOR
void normalise(const float* __restrict x, Moments moments, const float* __restrict weight,
               const float* __restrict bias, std::int64_t count, float* __restrict result) {
  for (std::int64_t j = 0; j < count; ++j) {
    result[j] = (x[j] - moments.mean) * moments.inverse_deviation * weight[j] + bias[j];
  }
}

PRUMUX_FOR_THIS_PROCESSOR
void normalise_backward(const float* __restrict x, Moments moments, const float* __restrict weight,
                        const float* __restrict gradient, std::int64_t count,
                        float* __restrict x_gradient, float* __restrict weight_gradient,
                        float* __restrict bias_gradient) {
  const std::int64_t whole = count / kLanes * kLanes;
  float sums[kLanes] = {};
  float products[kLanes] = {};
  float sum = 0.0F;
  float product = 0.0F;
  const auto normal = [&](std::int64_t j) {
    return (x[j] - moments.mean) * moments.inverse_deviation;
  };
  for (std::int64_t j = 0; j < whole; j += kLanes) {
    for (std::int64_t lane = 0; lane < kLanes; ++lane) {
      const float scaled = gradient[j + lane] * weight[j + lane];
      sums[lane] += scaled;
      products[lane] += scaled * normal(j + lane);
    }
  }
  for (std::int64_t j = whole; j < count; ++j) {
    sum += gradient[j] * weight[j];
    product += gradient[j] * weight[j] * normal(j);
  }
  for (std::int64_t lane = 0; lane < kLanes; ++lane) {
    sum += sums[lane];
    product += products[lane];
  }
  const float mean_gradient = sum / static_cast<float>(count);
  const float mean_product = product / static_cast<float>(count);
  for (std::int64_t j = 0; j < count; ++j) {
    const float given = gradient[j];
    const float position = normal(j);
    weight_gradient[j] += given * position;
    bias_gradient[j] += given;
    x_gradient[j] =
        (given * weight[j] - mean_gradient - position * mean_product) * moments.inverse_deviation;
  }
}

PRUMUX_FOR_THIS_PROCESSOR
void add_row(const float* __restrict x, std::int64_t count, float* __restrict sums) {
  for (std::int64_t j = 0; j < count; ++j) sums[j] += x[j];
}

}  // namespace prumux::model
