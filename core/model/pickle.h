#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <string>
#include <string_view>

#include "prumux/tensors.h"

namespace prumux::model {

/// What a pickle says about a storage: "FloatStorage", its key in the archive.
struct StorageReference {
  std::string type;
  std::string key;
};

/// One-dimensional tensor with the storage's elements.
using StorageLoader = std::function<at::Tensor(const StorageReference&)>;

/// Reads a pickled dictionary of tensors (`torch.save` of a state dict). Knows the opcodes and the
/// few globals that such a file has, builds nothing else and calls nothing. Tensors share the
/// loaded storages. Throws `DataError` saying what was found instead, with the byte's position.
TensorMap read_pickled_tensors(std::string_view pickle, const StorageLoader& load_storage);

}  // namespace prumux::model
