#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace prumux {

/// Named tensors: checkpoints, plugin state. Sorted by name, so that files are reproducible.
using TensorMap = std::map<std::string, at::Tensor>;

/// Parameters in the order in which the model registered them, named as in its checkpoint.
using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

}  // namespace prumux
