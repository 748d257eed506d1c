#pragma once

#include <cmath>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/config/problems.h"
#include "core/config/value.h"

namespace prumux::config {

enum class Type {
  boolean,
  integer,
  real,
  string,
  path,    ///< Becomes absolute when validated.
  scalar,  ///< Any scalar, for values whose type another field decides.
  list,
  map,
};

struct Field;

/// All that a `FieldChooser` may answer. In each, the key that decides has one choice.
using FieldVariants = std::function<std::vector<std::vector<Field>>()>;

/// The fields of a map that depend on what the map says (its method, its stage). Nothing: the
/// answer has been added to the problems, and the rest of the map is not looked at.
using FieldChooser =
    std::function<std::optional<std::vector<Field>>(const Value& given, Problems& problems)>;

/// One value that a configuration may have. Made with designated initialisers:
/// `{.name = "steps", .type = Type::integer, .required = true, .minimum = 1, .help = "..."}`.
struct Field {
  std::string name{};
  Type type = Type::string;
  bool required = false;
  std::optional<std::string> default_value{};  ///< As in YAML; absent: stays absent.
  double minimum = -HUGE_VAL;                  ///< Of numbers, inclusive.
  double maximum = HUGE_VAL;                   ///< Of numbers, inclusive.
  std::vector<std::string> choices{};          ///< Of strings; empty: any.
  std::string unit{};
  std::string help{};
  std::shared_ptr<const Field>
      element{};                ///< Of a list's items, or the values of a free-keyed map.
  std::vector<Field> fields{};  ///< Of a map.
  FieldChooser choose{};        ///< Of a map; instead of `fields`.
  FieldVariants variants{};     ///< Beside `choose`, for the JSON Schema; absent: any map.
};

std::shared_ptr<const Field> element(Field field);

/// "an integer from 1 to 8 (steps)", "one of linear, constant", ...: how messages call what a field
/// takes.
std::string expectation(const Field& field);

}  // namespace prumux::config
