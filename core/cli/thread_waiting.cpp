#include "core/cli/thread_waiting.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

namespace prumux::cli {
namespace {

/// Nearly as fast as spinning for long on idle cores, and as fast as sleeping at once on busy ones.
constexpr const char* kSpins = "1000";

/// The arguments of this process, each ended by a zero in the file.
std::vector<std::string> command_line() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::vector<std::string> arguments;
  for (std::string argument; std::getline(file, argument, '\0');) arguments.push_back(argument);
  return arguments;
}

}  // namespace

void let_waiting_threads_sleep() {
  if (std::getenv("OMP_WAIT_POLICY") != nullptr || std::getenv("GOMP_SPINCOUNT") != nullptr) return;
  std::vector<std::string> arguments = command_line();
  if (arguments.empty() || ::setenv("GOMP_SPINCOUNT", kSpins, 1) != 0) return;
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  ::execv("/proc/self/exe", pointers.data());
}

}  // namespace prumux::cli
