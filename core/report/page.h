#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace prumux::report {

/// The page that shows `facts` (see facts.h), complete in itself: style, script and data are in it,
/// and it loads nothing.
std::string make_page(const nlohmann::json& facts);

}  // namespace prumux::report
