#include "core/config/problems.h"

#include <algorithm>
#include <exception>

#include "prumux/error.h"

namespace prumux::config {

void Problems::add(const Place& place, const std::string& message) {
  add_line(place.text() + ": " + message);
}

void Problems::add_line(const std::string& line) {
  if (std::find(lines_.begin(), lines_.end(), line) == lines_.end()) {
    lines_.push_back(line);
  }
}

void Problems::add_error(const Place& place, const std::exception& error) {
  add(place, error.what());
}

void Problems::throw_if_any() const {
  if (lines_.empty()) return;
  if (lines_.size() == 1) throw ConfigError(lines_.front());
  std::string message = std::to_string(lines_.size()) + " problems in the configuration:";
  for (const std::string& line : lines_) message += "\n  " + line;
  throw ConfigError(message);
}

}  // namespace prumux::config
