#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <string>

namespace prumux::onnx {

using Tensors = std::map<std::string, at::Tensor>;

/// Reads an ONNX file and computes its outputs, operator by operator as the ONNX specification
/// defines them. Throws `std::runtime_error` for what it does not know.
Tensors run_onnx(const std::filesystem::path& file, const Tensors& inputs);

}  // namespace prumux::onnx
