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

/// The built program, running in the folder `scratch`, where its output goes to files; it must
/// outlive the program.
class Program {
 public:
  /// `input`: what it reads from its standard input.
  Program(const std::vector<std::string>& arguments, std::filesystem::path scratch,
          const std::string& input = "");
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
  void start(const std::vector<std::string>& words, const std::string& input = "");
  Outcome collect(int status);

  std::filesystem::path scratch_;
  pid_t process_ = -1;
};

/// Runs the built program to its end.
Outcome run_program(const std::vector<std::string>& arguments, const std::filesystem::path& scratch,
                    const std::string& input = "");
/// The same with the arguments in one text, which blanks divide.
Outcome run_line(const std::string& arguments, const std::filesystem::path& scratch,
                 const std::string& input = "");
Outcome run_shell(const std::string& script, const std::vector<std::string>& arguments,
                  const std::filesystem::path& scratch);

}  // namespace prumux::test
