#include "prumux/parameters.h"

#include <utility>

#include "prumux/error.h"

namespace prumux {

void Parameters::set(const std::string& name, Value value) {
  values_.insert_or_assign(name, std::move(value));
}

bool Parameters::contains(const std::string& name) const { return values_.contains(name); }

template <typename T>
const T& Parameters::get(const std::string& name, const char* type) const {
  const auto found = values_.find(name);
  if (found == values_.end()) {
    throw ConfigError("parameter '" + name + "' is read but not in the method's schema");
  }
  const T* value = std::get_if<T>(&found->second);
  if (value == nullptr) {
    throw ConfigError("parameter '" + name + "' is read as " + type +
                      ", but the method's schema declares another type");
  }
  return *value;
}

bool Parameters::boolean(const std::string& name) const { return get<bool>(name, "boolean"); }

std::int64_t Parameters::integer(const std::string& name) const {
  return get<std::int64_t>(name, "integer");
}

double Parameters::real(const std::string& name) const { return get<double>(name, "real"); }

const std::string& Parameters::string(const std::string& name) const {
  return get<std::string>(name, "string");
}

const std::vector<double>& Parameters::real_list(const std::string& name) const {
  return get<std::vector<double>>(name, "list of reals");
}

}  // namespace prumux
