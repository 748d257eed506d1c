#pragma once

#include <cstdint>
#include <string>

namespace prumux::io {

/// The machine that this process runs on.
struct Machine {
  std::string processor;     ///< Its name; empty where the system does not tell.
  unsigned cores = 0;        ///< That the process may use.
  std::uint64_t memory = 0;  ///< In bytes; 0 where the system does not tell.
  std::string system;        ///< "Linux 6.1.0 x86_64".
};

Machine this_machine();

/// Whether the processor multiplies bfloat16 faster than float32. Without instructions for it, it
/// is up to ten times slower; in vectors of Intel processors that have tiles, which some virtual
/// machines hide, it takes twice as long.
bool bfloat16_is_faster();

}  // namespace prumux::io
