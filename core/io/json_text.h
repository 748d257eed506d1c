#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace prumux::io {

/// As text of one line, or indented by two. Names of files and of tasks may be no UTF-8; what is
/// none is replaced.
template <typename Json>
std::string json_text(const Json& json, bool indented = true) {
  return json.dump(indented ? 2 : -1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace prumux::io
