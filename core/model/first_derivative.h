#pragma once

#include <ATen/core/grad_mode.h>

#include <stdexcept>

namespace prumux::model {

/// Throws `std::logic_error` in a backward pass that is to be differentiated again, which kernels
/// of our own cannot be: libtorch would silently take them for constants.
inline void require_first_derivative() {
  if (at::GradMode::is_enabled()) {
    throw std::logic_error(
        "embeddings, LayerNorm, dropout and weights under masks have no second derivative "
        "(create_graph)");
  }
}

}  // namespace prumux::model
