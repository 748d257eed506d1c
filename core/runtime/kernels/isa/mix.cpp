#include "core/runtime/kernels/isa/declarations.h"
#include "core/runtime/kernels/isa/vector.h"

namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA {
namespace {

constexpr std::size_t kLineBytes = 64;
// Several sums side by side hide the latency of an addition.
constexpr std::size_t kSums = 4;
constexpr std::size_t kStep = kSums * kLanes;

/// Mean and inverse deviation of a row.
struct Moments {
  float mean;
  float inverse;
};

float total_of(const Floats (&sums)[kSums]) {
  Floats total = sums[0];
  for (std::size_t s = 1; s < kSums; ++s) total += sums[s];
  return sum_of(total);
}

/// Of the row in `scratch`, by differences to its mean.
Moments exact_moments(const MixedPosition& p, float mean) {
  Floats squares = {};
  std::size_t k = 0;
  for (; k + kLanes <= p.width; k += kLanes) {
    const Floats difference = load_floats(p.scratch + k) - mean;
    squares += difference * difference;
  }
  float rest = 0.0F;
  for (; k < p.width; ++k) rest += (p.scratch[k] - mean) * (p.scratch[k] - mean);
  const float variance = (sum_of(squares) + rest) / static_cast<float>(p.width);
  return {mean, 1.0F / __builtin_sqrtf(variance + p.epsilon)};
}

/// scratch = word + offset, on the way asking for the row that comes next.
template <typename Number>
Moments embed(const MixedPosition& p, const Number* word, const float* offset, const Number* next) {
  Floats sums[kSums] = {};
  Floats squares[kSums] = {};
  std::size_t k = 0;
  for (; k + kStep <= p.width; k += kStep) {
    if (next != nullptr) {
      for (std::size_t line = 0; line < kStep; line += kLineBytes / sizeof(Number)) {
        __builtin_prefetch(next + k + line, 0, 2);
      }
    }
    for (std::size_t s = 0; s < kSums; ++s) {
      const std::size_t at = k + s * kLanes;
      const Floats value = load_floats(word + at) + load_floats(offset + at);
      store(p.scratch + at, value);
      sums[s] += value;
      squares[s] += value * value;
    }
  }
  float rest = 0.0F;
  float rest_of_squares = 0.0F;
  for (; k < p.width; ++k) {
    p.scratch[k] = load_float(word + k) + offset[k];
    rest += p.scratch[k];
    rest_of_squares += p.scratch[k] * p.scratch[k];
  }
  const float share = 1.0F / static_cast<float>(p.width);
  const float mean = (total_of(sums) + rest) * share;
  const float square = (total_of(squares) + rest_of_squares) * share;
  const float variance = square - mean * mean;
  // Where the mean is much larger than the deviation, the difference has lost its digits.
  if (!(variance > 0.5F * square)) return exact_moments(p, mean);
  return {mean, 1.0F / __builtin_sqrtf(variance + p.epsilon)};
}

void copy_row(const float* from, float* to, std::size_t stride) {
  for (std::size_t k = 0; k < stride; k += kLanes) store(to + k, load_floats(from + k));
}

void add_row(const float* from, float* to, std::size_t stride) {
  for (std::size_t k = 0; k < stride; k += kLanes) {
    store(to + k, load_floats(to + k) + load_floats(from + k));
  }
}

template <typename Number>
void mix_rows(const MixedPosition& p) {
  bool all_there = true;
  for (std::size_t i = 0; i < p.instances; ++i) all_there = all_there && p.rows[i].word != nullptr;
  if (all_there) {
    copy_row(p.all_shifts, p.sum, p.stride);
  } else {
    for (std::size_t k = 0; k < p.stride; k += kLanes) store(p.sum + k, Floats{});
  }
  for (std::size_t i = 0; i < p.instances; ++i) {
    const EmbeddingRow& row = p.rows[i];
    if (row.word == nullptr) continue;
    const Moments moments = embed(p, static_cast<const Number*>(row.word), row.offset,
                                  static_cast<const Number*>(p.next_rows[i].word));
    if (!all_there) add_row(p.shifts + i * p.stride, p.sum, p.stride);
    const float* gains = p.gains + i * p.stride;
    // Gains behind the width are zero.
    for (std::size_t k = 0; k < p.stride; k += kLanes) {
      const Floats normalised = (load_floats(p.scratch + k) - moments.mean) * moments.inverse;
      store(p.sum + k, load_floats(p.sum + k) + normalised * load_floats(gains + k));
    }
  }
}

}  // namespace

void mix(const MixedPosition& position) {
  if (position.word_format == NumberFormat::bfloat16) {
    mix_rows<std::uint16_t>(position);
  } else {
    mix_rows<float>(position);
  }
}

}  // namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA
