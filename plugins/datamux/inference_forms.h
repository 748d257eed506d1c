#pragma once

#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/normalization.h>

#include "dense_norm.h"
#include "prumux/inference_form.h"

namespace prumux::datamux {

// Layers as runtimes read them: the weights, detached.

NormForm norm_form(const torch::nn::LayerNorm& norm);

/// gelu(dense(x)), plus x where `residual`.
DenseForm gelu_form(const torch::nn::Linear& dense, bool residual);

DenseForm dense_norm_form(const DenseNorm& layer, bool residual);

}  // namespace prumux::datamux
