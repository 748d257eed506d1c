#pragma once

#include <iostream>

#include "core/io/json_text.h"

namespace prumux::cli {

/// Writes a command's answer to standard output, in one line or indented by two.
template <typename Json>
void print_json(const Json& json, bool indented = true) {
  std::cout << io::json_text(json, indented) << '\n';
}

}  // namespace prumux::cli
