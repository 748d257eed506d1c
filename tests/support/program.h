#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace prumux::test {

/// How the program ended.
struct Outcome {
  int exit_code = -1;  ///< -1: by a signal.
  std::string output;  ///< Standard output.
  std::string errors;  ///< Standard error.
};

/// The built program, running. Its output goes to files in `scratch`, which must outlive it.
class Program {
 public:
  Program(const std::vector<std::string>& arguments, std::filesystem::path scratch);
  /// Started by a shell `script`, which finds the program and its arguments in "$0" "$@".
  Program(const std::string& script, const std::vector<std::string>& arguments,
          std::filesystem::path scratch);
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  /// Kills it when it still runs.
  ~Program();

  Outcome wait();
  /// Waits at most so long; none: it still runs.
  std::optional<Outcome> wait_for(std::chrono::milliseconds limit);
  void kill(int signal);

 private:
  void start(const std::vector<std::string>& words);
  Outcome collect(int status);

  std::filesystem::path scratch_;
  pid_t process_ = -1;
};

/// Runs the built program to its end.
Outcome run_program(const std::vector<std::string>& arguments,
                    const std::filesystem::path& scratch);
Outcome run_shell(const std::string& script, const std::vector<std::string>& arguments,
                  const std::filesystem::path& scratch);

}  // namespace prumux::test
