#include "tests/support/program.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "core/io/atomic_file.h"

namespace prumux::test {
namespace {

constexpr const char* kProgram = PRUMUX_BUILD_DIR "/bin/prumux";

void redirect(const std::filesystem::path& file, int flags, int descriptor) {
  const int opened = ::open(file.c_str(), flags | O_CLOEXEC, 0600);
  if (opened < 0 || ::dup2(opened, descriptor) < 0) ::_exit(126);
}

}  // namespace

Program::Program(const std::vector<std::string>& arguments, std::filesystem::path scratch,
                 const std::string& input)
    : scratch_(std::move(scratch)) {
  std::vector<std::string> words = {kProgram};
  words.insert(words.end(), arguments.begin(), arguments.end());
  start(words, input);
}

Program::Program(const std::string& script, const std::vector<std::string>& arguments,
                 std::filesystem::path scratch)
    : scratch_(std::move(scratch)) {
  std::vector<std::string> words = {"/bin/sh", "-c", script, kProgram};
  words.insert(words.end(), arguments.begin(), arguments.end());
  start(words);
}

void Program::start(const std::vector<std::string>& words, const std::string& input) {
  std::ofstream(scratch_ / "stdin", std::ios::binary) << input;
  std::vector<char*> pointers;
  for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  process_ = ::fork();
  if (process_ < 0) throw std::runtime_error("cannot fork");
  if (process_ == 0) {
    redirect(scratch_ / "stdin", O_RDONLY, STDIN_FILENO);
    redirect(scratch_ / "stdout", O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
    redirect(scratch_ / "stderr", O_WRONLY | O_CREAT | O_TRUNC, STDERR_FILENO);
    if (::chdir(scratch_.c_str()) != 0) ::_exit(126);
    ::execv(pointers.front(), pointers.data());
    ::_exit(127);
  }
}

Program::~Program() {
  if (process_ < 0) return;
  kill(SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

Outcome Program::collect(int status) {
  process_ = -1;
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, io::read_file(scratch_ / "stdout"),
          io::read_file(scratch_ / "stderr")};
}

Outcome Program::wait() {
  int status = 0;
  ::waitpid(process_, &status, 0);
  return collect(status);
}

std::optional<Outcome> Program::wait_for(std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  do {
    int status = 0;
    if (::waitpid(process_, &status, WNOHANG) == process_) return collect(status);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  } while (std::chrono::steady_clock::now() < end);
  return std::nullopt;
}

void Program::kill(int signal) { ::kill(process_, signal); }

Outcome run_program(const std::vector<std::string>& arguments, const std::filesystem::path& scratch,
                    const std::string& input) {
  return Program(arguments, scratch, input).wait();
}

Outcome run_line(const std::string& arguments, const std::filesystem::path& scratch,
                 const std::string& input) {
  std::istringstream stream(arguments);
  return run_program({std::istream_iterator<std::string>(stream), {}}, scratch, input);
}

Outcome run_shell(const std::string& script, const std::vector<std::string>& arguments,
                  const std::filesystem::path& scratch) {
  return Program(script, arguments, scratch).wait();
}

}  // namespace prumux::test
