#pragma once

#include <string>

namespace prumux::plugin {

/// Whether a new plugin of this name would not compile: its name is that of its namespace, and of
/// its files.
bool is_reserved_name(const std::string& name);

}  // namespace prumux::plugin
