#include "core/model/state_reader.h"

#include <ATen/ATen.h>
#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "prumux/error.h"

namespace prumux::model {
namespace {

std::string modern_name(const std::string& name) {
  const auto renamed = [&](std::string_view old_end, std::string_view new_end) {
    return name.substr(0, name.size() - old_end.size()).append(new_end);
  };
  if (name.ends_with("LayerNorm.gamma")) return renamed("gamma", "weight");
  if (name.ends_with("LayerNorm.beta")) return renamed("beta", "bias");
  return name;
}

bool belongs_to_encoder(const std::string& name) {
  for (const char* start : {"embeddings.", "encoder.", "pooler.", "embeddings_project."}) {
    if (name.starts_with(start)) return true;
  }
  return false;
}

}  // namespace

std::string shape_text(at::IntArrayRef shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

void fail_shape(const std::string& name, at::IntArrayRef shape, const std::string& expected) {
  throw DataError(
      fmt::format("tensor '{}' has shape {}, expected {}; does config.json belong to "
                  "these weights?",
                  name, shape_text(shape), expected));
}

StateReader::StateReader(const TensorMap& state, const std::string& prefix) {
  const bool bare = state.contains("embeddings.word_embeddings.weight");
  for (const auto& [name, tensor] : state) {
    const std::string start = bare && belongs_to_encoder(name) ? prefix : "";
    tensors_.emplace(start + modern_name(name), tensor);
  }
}

at::Tensor StateReader::find_raw(const std::string& name) {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) return {};
  used_.insert(name);
  return found->second;
}

at::Tensor StateReader::find(const std::string& name) {
  const at::Tensor tensor = find_raw(name);
  if (!tensor.defined()) return tensor;
  if (!tensor.is_floating_point()) {
    throw DataError(fmt::format("tensor '{}' has the type {}, expected floating-point numbers",
                                name, c10::toString(tensor.scalar_type())));
  }
  return tensor.to(at::kFloat);
}

at::Tensor StateReader::require(const std::string& name) {
  at::Tensor tensor = find(name);
  if (!tensor.defined()) {
    throw DataError(fmt::format(
        "tensor '{}' is missing; config.json demands it. Are the weights complete, and does "
        "config.json belong to them?",
        name));
  }
  return tensor;
}

at::Tensor StateReader::require(const std::string& name, at::IntArrayRef shape) {
  at::Tensor tensor = require(name);
  if (tensor.sizes() != shape) fail_shape(name, tensor.sizes(), shape_text(shape));
  return tensor;
}

at::Tensor StateReader::require_table(const std::string& name, std::int64_t rows) {
  at::Tensor tensor = require(name);
  if (tensor.dim() != 2 || tensor.size(0) != rows || tensor.size(1) == 0) {
    fail_shape(name, tensor.sizes(), fmt::format("{} rows", rows));
  }
  return tensor;
}

std::vector<std::string> StateReader::unused() const {
  std::vector<std::string> names;
  for (const auto& entry : tensors_) {
    if (!used_.contains(entry.first)) names.push_back(entry.first);
  }
  return names;
}

void place(at::Tensor& parameter, const at::Tensor& value) {
  const at::NoGradGuard no_gradient;
  if (parameter.sizes() == value.sizes()) {
    parameter.copy_(value);
    return;
  }
  parameter.mutable_grad().reset();
  parameter.set_data(
      value.to(parameter.options(), /*non_blocking=*/false, /*copy=*/true).contiguous());
}

at::Tensor make_parameter(const at::Tensor& value) {
  return value.detach().clone(at::MemoryFormat::Contiguous).set_requires_grad(true);
}

void initialise(const std::string& name, at::Tensor& parameter, double range) {
  const at::NoGradGuard no_gradient;
  if (name.ends_with("LayerNorm.weight") || name.ends_with("layer_norm.weight")) {
    parameter.fill_(1.0);
  } else if (name.ends_with("bias")) {
    parameter.zero_();
  } else {
    parameter.normal_(0.0, range);
  }
}

}  // namespace prumux::model
