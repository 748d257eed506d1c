#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace prumux {

// A multiplexer in closed form: what a runtime needs to compute `mux` and `demux` in evaluation
// mode with kernels of its own. N instances, d: the model's dense width, d': the encoder's width.
// All tensors are float32 unless said otherwise; an undefined one is left out of the formula.

/// What `edit_tokens` does: row of instance i gets `prefix` [N, P] (int64) row i in front, attended
/// to; then position 0 of the result becomes `first_token`.
struct TokenEditForm {
  at::Tensor prefix;                        ///< [N, P] int64; undefined: none.
  std::optional<std::int64_t> first_token;  ///< Absent: position 0 stays as it is.
};

/// Mixes embeddings e_i [d]: the sum over the instances that count of v_i * e_i[kept], elementwise,
/// or of V_i e_i, divided by c^`normalisation`, where c is how many instances count. Those are all
/// when padding is attended, else those with a token at the position (none: zero).
struct MixForm {
  at::Tensor factors;          ///< v [N, d'] or V [N, d', d].
  at::Tensor kept;             ///< [d'] int64, for vectors only; undefined: all columns.
  double normalisation = 1.0;  ///< 1: a mean; 0.5: keeps the norm of independent embeddings.
};

/// An elementwise function; gelu is the exact one, with erf.
enum class Activation { identity, gelu, tanh, relu };

/// LayerNorm with weight and bias [d], or [N, d] where each instance has its own; none when
/// undefined.
struct NormForm {
  at::Tensor weight;     ///< [d] or [N, d].
  at::Tensor bias;       ///< As weight.
  double epsilon = 0.0;  ///< Added to the variance.
};

/// y = norm(activation(W x + b)), plus x where `residual`.
struct DenseForm {
  at::Tensor weight;                             ///< [out, in].
  at::Tensor bias;                               ///< [out].
  Activation activation = Activation::identity;  ///< Before the norm.
  NormForm norm;                                 ///< After the activation.
  bool residual = false;                         ///< Whether x is added at the end.
};

/// Features of instance i at a position with hidden state h_t: z = norm(activation(A h_t + K h_i +
/// o_i)), where h_i is the hidden state at position i (a key in the prefix), then `layers`.
struct SeparationForm {
  at::Tensor token_weight;  ///< A [d, d'], or [N, d, d'] where each instance has its own.
  at::Tensor key_weight;    ///< K [d, d'].
  at::Tensor offsets;       ///< o [N, d]: all that depends on the instance alone, biases included.
  Activation activation = Activation::identity;  ///< Before the norm.
  NormForm norm;                                 ///< After the activation.
  std::vector<DenseForm> layers;                 ///< Of z, one after the other.
};

/// All of it.
struct InferenceForm {
  TokenEditForm tokens;                      ///< Of `edit_tokens`.
  std::optional<MixForm> mix;                ///< Absent: the runtime calls `mux`.
  std::optional<SeparationForm> separation;  ///< Absent: the runtime calls `demux`.
};

}  // namespace prumux
