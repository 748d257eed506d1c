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

/// Whether the processor has instructions that multiply bfloat16. Without them it is slower than
/// float32, up to ten times.
bool multiplies_bfloat16();

}  // namespace prumux::io
