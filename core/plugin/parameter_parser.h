#pragma once

#include <string>
#include <utility>
#include <vector>

#include "prumux/descriptor.h"
#include "prumux/error.h"
#include "prumux/parameters.h"

namespace prumux::plugin {

/// A parameter that does not fit the schema. A caller that knows where the text stands in a file
/// finds the place by `parameter()`, which for an unknown name is that name.
class ParameterError : public ConfigError {
 public:
  ParameterError(std::string parameter, const std::string& message);
  const std::string& parameter() const { return parameter_; }

 private:
  std::string parameter_;
};

/// The value that `text` spells, as a scalar or flow list of YAML or JSON.
/// Throws `ParameterError` when it is of another type, out of range or not one of the choices.
Parameters::Value parse_parameter(const PrumuxParameterV1& schema, const std::string& text);

/// The parameters of `method` from pairs of name and text; absent ones get their default.
/// Throws `ParameterError`: unknown name (with the nearest one), name given twice, required
/// parameter missing, and what `parse_parameter` finds.
Parameters parse_parameters(const PrumuxMethodV1& method,
                            const std::vector<std::pair<std::string, std::string>>& texts);

/// What `schema` accepts, for messages and `plugins inspect`: "a number in [0, 1]",
/// "one of linear, cosine", "true or false".
std::string expected_values(const PrumuxParameterV1& schema);

}  // namespace prumux::plugin
