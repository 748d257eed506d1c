#pragma once

#include <string>
#include <vector>

#include "core/config/place.h"

namespace prumux::config {

/// Collects what is wrong with a configuration, so that one run reports all of it.
class Problems {
 public:
  /// A problem that is there already (a grid validates the same stage many times) counts once.
  void add(const Place& place, const std::string& message);

  /// Keeps a message that says its place itself.
  void add_line(const std::string& line);

  /// Keeps the text of an error that another part of prumux has found at `place`.
  void add_error(const Place& place, const std::exception& error);

  bool empty() const { return lines_.empty(); }
  const std::vector<std::string>& lines() const { return lines_; }

  /// Throws `ConfigError` with all the problems, one a line, if there is one.
  void throw_if_any() const;

 private:
  std::vector<std::string> lines_;
};

}  // namespace prumux::config
