#include "inference_forms.h"

namespace prumux::datamux {

NormForm norm_form(const torch::nn::LayerNorm& norm) {
  return {norm->weight.detach(), norm->bias.detach(), norm->options.eps()};
}

DenseForm gelu_form(const torch::nn::Linear& dense, bool residual) {
  DenseForm form;
  form.weight = dense->weight.detach();
  form.bias = dense->bias.detach();
  form.activation = Activation::gelu;
  form.residual = residual;
  return form;
}

DenseForm dense_norm_form(const DenseNorm& layer, bool residual) {
  DenseForm form = gelu_form(layer.dense(), residual);
  form.norm = norm_form(layer.norm());
  return form;
}

}  // namespace prumux::datamux
