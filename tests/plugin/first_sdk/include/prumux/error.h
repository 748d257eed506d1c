#pragma once

#include <stdexcept>
#include <string>

#include "prumux/export.h"

namespace prumux {

/// Base of everything that prumux throws on purpose. `what()` is the whole message for the user:
/// what went wrong, where, what was expected and what to do. The key functions live in the SDK
/// library, so that a type thrown by a plugin is caught by its type in the host.
class PRUMUX_EXPORT Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message);
  ~Error() override;
};

/// Wrong usage or configuration; found before anything is computed or written (exit code 2).
class PRUMUX_EXPORT ConfigError : public Error {
 public:
  explicit ConfigError(const std::string& message);
  ~ConfigError() override;
};

/// A file, tensor, text or label is not what it should be (exit code 1).
class PRUMUX_EXPORT DataError : public Error {
 public:
  explicit DataError(const std::string& message);
  ~DataError() override;
};

/// The operating system refused: missing file, full disk, no permission (exit code 1).
class PRUMUX_EXPORT IoError : public Error {
 public:
  explicit IoError(const std::string& message);
  ~IoError() override;
};

/// A computation left the numbers: NaN loss, singular system (exit code 1).
class PRUMUX_EXPORT NumericError : public Error {
 public:
  explicit NumericError(const std::string& message);
  ~NumericError() override;
};

/// A plugin cannot be loaded, or failed while it ran (exit code 1).
class PRUMUX_EXPORT PluginError : public Error {
 public:
  explicit PluginError(const std::string& message);
  ~PluginError() override;
};

/// The user interrupted the work; its state is saved (exit code 130).
class PRUMUX_EXPORT Interrupted : public Error {
 public:
  explicit Interrupted(const std::string& message);
  ~Interrupted() override;
};

}  // namespace prumux
