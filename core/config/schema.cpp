#include "core/config/schema.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

namespace prumux::config {
namespace {

std::string range(const Field& field) {
  const bool below = std::isinf(field.minimum);
  const bool above = std::isinf(field.maximum);
  if (below && above) return "";
  if (above) return fmt::format(" of at least {}", field.minimum);
  if (below) return fmt::format(" of at most {}", field.maximum);
  return fmt::format(" from {} to {}", field.minimum, field.maximum);
}

std::string number(const char* name, const Field& field) {
  return name + range(field) + (field.unit.empty() ? "" : " (" + field.unit + ")");
}

}  // namespace

std::shared_ptr<const Field> element(Field field) {
  return std::make_shared<const Field>(std::move(field));
}

std::string expectation(const Field& field) {
  switch (field.type) {
    case Type::boolean:
      return "true or false";
    case Type::integer:
      return number("an integer", field);
    case Type::real:
      return number("a number", field);
    case Type::string:
      return field.choices.empty() ? "text"
                                   : fmt::format("one of {}", fmt::join(field.choices, ", "));
    case Type::path:
      return "a path";
    case Type::scalar:
      return "a single value";
    case Type::list:
      return "a list, each entry " + expectation(*field.element);
    case Type::map:
      return "a map";
  }
  return "";
}

}  // namespace prumux::config
