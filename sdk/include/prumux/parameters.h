#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "prumux/export.h"

namespace prumux {

/// The validated parameters of one method, defaults filled in by the host from the method's schema
/// (`PrumuxParameterV1`). Immutable once it reaches a plugin.
class PRUMUX_EXPORT Parameters {
 public:
  /// What a parameter may hold.
  using Value = std::variant<bool, std::int64_t, double, std::string, std::vector<double>>;

  /// Puts a value in place; for hosts and tests.
  void set(const std::string& name, Value value);
  /// Whether there is a parameter `name`.
  bool contains(const std::string& name) const;

  /// Each getter throws `ConfigError` naming the parameter when it is absent or of another type:
  /// a mistake of the plugin's author, since the host passes every parameter of the schema.
  bool boolean(const std::string& name) const;
  /// See `boolean`.
  std::int64_t integer(const std::string& name) const;
  /// See `boolean`.
  double real(const std::string& name) const;
  /// See `boolean`.
  const std::string& string(const std::string& name) const;
  /// See `boolean`.
  const std::vector<double>& real_list(const std::string& name) const;

  /// All of them.
  const std::map<std::string, Value>& values() const { return values_; }

  /// Whether both hold the same values under the same names.
  bool operator==(const Parameters&) const = default;

 private:
  template <typename T>
  const T& get(const std::string& name, const char* type) const;

  std::map<std::string, Value> values_;
};

}  // namespace prumux
