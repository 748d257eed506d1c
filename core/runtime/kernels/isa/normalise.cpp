#include "core/runtime/kernels/isa/declarations.h"
#include "core/runtime/kernels/isa/vector.h"

namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA {
namespace {

// Several vectors side by side hide the latency of the sums.
constexpr std::size_t kWidth = 4;
constexpr std::size_t kStep = kWidth * kLanes;

/// Vectors of one feature after the other, down the panel.
template <std::size_t Width>
void normalise_columns(const Normalisation& n, const float* input, float* output) {
  const float share = 1.0F / static_cast<float>(n.features);
  Floats mean[Width] = {};
  for (std::size_t f = 0; f < n.features; ++f) {
    for (std::size_t v = 0; v < Width; ++v) {
      mean[v] += load_floats(input + f * kPanelTokens + v * kLanes);
    }
  }
  Floats variance[Width] = {};
  for (std::size_t v = 0; v < Width; ++v) mean[v] *= share;
  for (std::size_t f = 0; f < n.features; ++f) {
    for (std::size_t v = 0; v < Width; ++v) {
      const Floats difference = load_floats(input + f * kPanelTokens + v * kLanes) - mean[v];
      variance[v] += difference * difference;
    }
  }
  Floats inverse[Width];
  for (std::size_t v = 0; v < Width; ++v) {
    inverse[v] = 1.0F / square_root(variance[v] * share + n.epsilon);
  }
  for (std::size_t f = 0; f < n.features; ++f) {
    const Floats weight = broadcast(n.weight[f]);
    const Floats bias = broadcast(n.bias[f]);
    for (std::size_t v = 0; v < Width; ++v) {
      const std::size_t at = f * kPanelTokens + v * kLanes;
      store(output + at, (load_floats(input + at) - mean[v]) * inverse[v] * weight + bias);
    }
  }
}

}  // namespace

void normalise(const Normalisation& n) {
  for (std::size_t panel = 0; panel < panel_count(n.tokens); ++panel) {
    const float* input = n.input + panel * n.stride;
    float* output = n.output + panel * n.stride;
    const std::size_t columns = panel_columns(n.tokens, panel);
    std::size_t column = 0;
    for (; column + kStep <= columns; column += kStep) {
      normalise_columns<kWidth>(n, input + column, output + column);
    }
    for (; column < columns; column += kLanes) {
      normalise_columns<1>(n, input + column, output + column);
    }
  }
}

void gelu(float* values, std::size_t count) {
  for (std::size_t i = 0; i < count; i += kLanes) {
    store(values + i, gelu_of(load_floats(values + i)));
  }
}

void tanh(float* values, std::size_t count) {
  for (std::size_t i = 0; i < count; i += kLanes) {
    store(values + i, tanh_of(load_floats(values + i)));
  }
}

}  // namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA
