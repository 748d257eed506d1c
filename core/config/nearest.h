#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace prumux::config {

/// The candidate that `name` most likely meant: the fewest inserted, deleted, replaced or
/// neighbour-swapped characters, case not counted; nothing when even that is a different word.
std::optional<std::string> nearest_name(std::string_view name,
                                        const std::vector<std::string>& candidates);

/// "did you mean 'x'?", or else "expected one of a, b, c", or "expected none".
std::string suggestion(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace prumux::config
