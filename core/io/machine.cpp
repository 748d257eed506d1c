#include "core/io/machine.h"

#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include <fstream>
#include <thread>

namespace prumux::io {
namespace {

std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) {
      return line.substr(colon + 2);
    }
  }
  return "";
}

}  // namespace

Machine this_machine() {
  Machine machine{processor_name(), std::thread::hardware_concurrency(), 0, ""};
  struct sysinfo memory {};
  if (::sysinfo(&memory) == 0) {
    machine.memory = static_cast<std::uint64_t>(memory.totalram) * memory.mem_unit;
  }
  struct utsname name {};
  if (::uname(&name) == 0) {
    machine.system = std::string(name.sysname) + " " + name.release + " " + name.machine;
  }
  return machine;
}

bool bfloat16_is_faster() {
#if defined(__x86_64__)
  const bool in_slow_vectors = __builtin_cpu_is("intel") && __builtin_cpu_supports("avx512fp16") &&
                               !__builtin_cpu_supports("amx-bf16");
  return __builtin_cpu_supports("avx512bf16") && !in_slow_vectors;
#else
  return false;
#endif
}

}  // namespace prumux::io
