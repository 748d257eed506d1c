#include "prumux/saved_state.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <set>
#include <sstream>

#include "prumux/error.h"

namespace prumux {
namespace {

[[noreturn]] void refuse(const std::string& method, const std::string& problem) {
  throw DataError("the saved state does not fit method '" + method + "': " + problem +
                  "; it comes from another method, model or parameters. Start the stage anew");
}

std::string described(const at::Tensor& tensor) {
  std::ostringstream text;
  text << tensor.sizes() << ' ' << tensor.dtype();
  return text.str();
}

void check(const std::string& name, const at::Tensor& expected, const TensorMap& state,
           const std::string& method) {
  const auto found = state.find(name);
  if (found == state.end() || !found->second.defined()) {
    refuse(method, "tensor '" + name + "' is missing");
  }
  const at::Tensor& tensor = found->second;
  if (tensor.sizes() != expected.sizes() || tensor.scalar_type() != expected.scalar_type()) {
    refuse(method,
           "tensor '" + name + "' is " + described(tensor) + ", expected " + described(expected));
  }
  if (!at::isfinite(tensor).all().item<bool>()) {
    refuse(method, "tensor '" + name + "' holds numbers that are not finite");
  }
}

}  // namespace

TensorMap saved(const NamedTensors& tensors) {
  TensorMap state;
  for (const auto& [name, tensor] : tensors) state.emplace(name, tensor.detach().clone());
  return state;
}

void restore(const NamedTensors& tensors, const TensorMap& state, const std::string& method) {
  std::set<std::string> known;
  for (const auto& [name, tensor] : tensors) {
    check(name, tensor, state, method);
    known.insert(name);
  }
  for (const auto& [name, tensor] : state) {
    if (!known.contains(name)) refuse(method, "tensor '" + name + "' is not part of it");
  }
  const at::NoGradGuard no_gradient;
  for (const auto& [name, tensor] : tensors) at::Tensor(tensor).copy_(state.at(name));
}

}  // namespace prumux
