#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "prumux/tensors.h"

namespace prumux::cofi {

/// The folder of a golden case.
std::filesystem::path golden_folder(const std::string& name);

TensorMap golden_tensors(const std::string& name);
nlohmann::json golden_scalars(const std::string& name);

/// Largest absolute difference; infinity when the numbers of elements differ.
double difference(const at::Tensor& left, const at::Tensor& right);

/// Writes `value` into the leaf `tensor`.
void assign(const at::Tensor& tensor, const at::Tensor& value);

}  // namespace prumux::cofi
