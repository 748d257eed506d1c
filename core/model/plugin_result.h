#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

namespace prumux::model {

/// Whether a plugin returned a tensor, and of this shape.
bool has_shape(const at::Tensor& result, const std::vector<std::int64_t>& shape);

/// Throws `PluginError`: `function` of the method `who` returned something else than `shape`.
[[noreturn]] void fail_result(const std::string& who, const char* function,
                              const at::Tensor& result, const std::vector<std::int64_t>& shape);

}  // namespace prumux::model
