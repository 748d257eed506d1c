#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "prumux/descriptor.h"

namespace prumux::plugin {

/// What the host knows about one kind of method.
struct Kind {
  PrumuxKind id;
  const char* name;  ///< "performance model"
  const char* word;  ///< "performance-model", for command lines and JSON.
  std::uint32_t newest_interface;
};

/// None for a number that is no kind.
std::optional<Kind> find_kind(std::uint32_t kind);
std::optional<Kind> find_kind(const std::string& word);

/// "compressor", "performance model", ...; "kind 7" for a number that is none of them.
std::string kind_name(std::uint32_t kind);

}  // namespace prumux::plugin
