#pragma once

#include <string>
#include <vector>

namespace prumux::runtime {

/// In which numbers the matrix products of the engine are computed; everything else is float32, but
/// for the table of words, which is bfloat16 where products are of fewer bits.
enum class Precision {
  float32,
  bfloat16,  ///< Or half precision, where the processor multiplies that faster.
  int8,      ///< Weights with one scale a row, activations with one a token; attention in 16 bits.
};

/// The names that a user writes, in the order of the enumeration.
const std::vector<std::string>& precision_names();

/// Throws `ConfigError` listing the known names.
Precision precision_of(const std::string& name);

const std::string& name_of(Precision precision);

}  // namespace prumux::runtime
