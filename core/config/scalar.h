#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace prumux::config {

/// The scalars of YAML's core schema, decimal and finite. Each returns nothing when `text` as a
/// whole is not one.
std::optional<bool> parse_boolean(std::string_view text);
std::optional<std::int64_t> parse_integer(std::string_view text);
std::optional<double> parse_real(std::string_view text);

/// The shortest text that reads back as the same number: equal numbers have equal texts.
std::string format_real(double value);

}  // namespace prumux::config
