#include "core/runtime/precision.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <algorithm>

#include "prumux/error.h"

namespace prumux::runtime {

const std::vector<std::string>& precision_names() {
  static const std::vector<std::string> kNames = {"float32", "bfloat16", "int8"};
  return kNames;
}

Precision precision_of(const std::string& name) {
  const std::vector<std::string>& names = precision_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    throw ConfigError(
        fmt::format("precision is '{}', expected one of {}", name, fmt::join(names, ", ")));
  }
  return static_cast<Precision>(found - names.begin());
}

const std::string& name_of(Precision precision) {
  return precision_names()[static_cast<std::size_t>(precision)];
}

}  // namespace prumux::runtime
