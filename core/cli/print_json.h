#pragma once

#include <iostream>
#include <nlohmann/json.hpp>

namespace prumux::cli {

/// Writes a command's answer to standard output, in one line or indented by two. Names of files may
/// be no UTF-8; what is none is replaced.
template <typename Json>
void print_json(const Json& json, bool indented = true) {
  std::cout << json.dump(indented ? 2 : -1, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace prumux::cli
