#include "core/model/plugin_result.h"

#include <spdlog/fmt/fmt.h>

#include "core/model/state_reader.h"
#include "prumux/error.h"

namespace prumux::model {

bool has_shape(const at::Tensor& result, const std::vector<std::int64_t>& shape) {
  return result.defined() && result.sizes() == shape;
}

void fail_result(const std::string& who, const char* function, const at::Tensor& result,
                 const std::vector<std::int64_t>& shape) {
  throw PluginError(fmt::format(
      "{} failed in {}: it returned {}, expected shape {}", who, function,
      result.defined() ? "shape " + shape_text(result.sizes()) : "nothing", shape_text(shape)));
}

}  // namespace prumux::model
