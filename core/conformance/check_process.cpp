#include "core/conformance/check_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <spdlog/fmt/fmt.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "core/io/atomic_file.h"
#include "core/io/temporary_folder.h"
#include "prumux/error.h"

namespace prumux::conformance {

namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

/// Where a worker finds the descriptor for its events.
constexpr int kEvents = 3;

[[noreturn]] void fail(const std::string& what, int error) {
  throw IoError(fmt::format("cannot {}: {}", what, std::strerror(error)));
}

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }
  int get() const { return value_; }
  void close() {
    if (value_ >= 0) ::close(value_);
    value_ = -1;
  }

 private:
  int value_;
};

/// A worker that runs, and the lines of its events as they come.
class Worker {
 public:
  Worker(const std::filesystem::path& library, std::size_t first, const CheckOptions& options)
      : limit_(options.limit) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) fail("make a pipe", errno);
    Descriptor write_end(ends[1]);
    read_end_ = std::make_unique<Descriptor>(ends[0]);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    const int flags = O_WRONLY | O_CREAT | O_TRUNC;
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, (folder_.path() / "out").c_str(),
                                     flags, 0600);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, (folder_.path() / "err").c_str(),
                                     flags, 0600);
    posix_spawn_file_actions_adddup2(&actions, write_end.get(), kEvents);
    std::vector<std::string> words = {options.program.string(),
                                      "plugins",
                                      "check",
                                      library.string(),
                                      "--worker",
                                      std::to_string(kEvents),
                                      "--first",
                                      std::to_string(first)};
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const int error = ::posix_spawn(&process_, words.front().c_str(), &actions, nullptr,
                                    arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) fail("start '" + words.front() + "'", error);
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }

  /// None: it has ended, or `timed_out`.
  std::optional<json> next_event() {
    const Clock::time_point end = Clock::now() + limit_;
    for (;;) {
      if (const std::size_t line = buffer_.find('\n'); line != std::string::npos) {
        const json event = json::parse(buffer_.substr(0, line), nullptr, false);
        buffer_.erase(0, line + 1);
        return event;
      }
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
      pollfd waiting{read_end_->get(), POLLIN, 0};
      const int ready =
          ::poll(&waiting, 1, static_cast<int>(std::max<std::int64_t>(0, left.count())));
      if (ready < 0 && errno == EINTR) continue;
      if (ready <= 0) {
        timed_out_ = true;
        return std::nullopt;
      }
      char bytes[4096];
      const ssize_t count = ::read(read_end_->get(), bytes, sizeof(bytes));
      if (count <= 0) return std::nullopt;
      buffer_.append(bytes, static_cast<std::size_t>(count));
    }
  }

  /// Why no event comes any more; the process is gone afterwards.
  std::string end() {
    if (timed_out_) {
      ::kill(process_, SIGKILL);
      wait();
      return fmt::format("it did not end within {:g} s",
                         std::chrono::duration<double>(limit_).count());
    }
    const int status = wait();
    std::string reason =
        WIFSIGNALED(status)
            ? fmt::format("it crashed: {} (signal {})", ::strsignal(WTERMSIG(status)),
                          WTERMSIG(status))
            : fmt::format("it ended the process, with exit code {}", WEXITSTATUS(status));
    const std::string last = last_line();
    return last.empty() ? reason : reason + "; the last that it printed: " + last;
  }

 private:
  int wait() {
    int status = 0;
    while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    process_ = -1;
    return status;
  }

  std::string last_line() const {
    std::istringstream text(io::read_file(folder_.path() / "err"));
    std::string last;
    for (std::string line; std::getline(text, line);) {
      if (!line.empty()) last = line;
    }
    return last.substr(0, 200);
  }

  io::TemporaryFolder folder_;
  std::chrono::milliseconds limit_;
  std::unique_ptr<Descriptor> read_end_;
  pid_t process_ = -1;
  std::string buffer_;
  bool timed_out_ = false;
};

Outcome outcome_of(const std::string& name) {
  if (name == "passed") return Outcome::passed;
  return name == "skipped" ? Outcome::skipped : Outcome::failed;
}

/// Reads the events of one worker into the report. The number of the check to go on with, if any.
std::optional<std::size_t> follow(Worker& worker, CheckReport& report) {
  bool inside = false;
  std::optional<std::size_t> index;
  while (const std::optional<json> event = worker.next_event()) {
    const std::string kind = event->value("event", "");
    if (kind == "done") return std::nullopt;
    if (kind == "rejected") {
      report.rejection = event->value("reason", "");
      return std::nullopt;
    }
    if (kind == "begin") {
      report.results.push_back({event->value("method", ""),
                                event->value("kind", ""),
                                event->value("check", ""),
                                {},
                                {}});
      index = event->value("index", std::size_t{0});
      inside = true;
    } else if (inside) {
      report.results.back().outcome = outcome_of(event->value("outcome", ""));
      report.results.back().reason = event->value("reason", "");
      inside = false;
    }
  }
  const std::string reason = worker.end();
  if (!inside) {
    // Before the first check, or between two: nothing can be said about the rest.
    report.rejection = "while it was loaded: " + reason;
    return std::nullopt;
  }
  report.results.back().outcome = Outcome::failed;
  report.results.back().reason = reason;
  return *index + 1;
}

}  // namespace

bool CheckReport::passed() const {
  return rejection.empty() && std::none_of(results.begin(), results.end(), [](const auto& result) {
           return result.outcome == Outcome::failed;
         });
}

CheckReport check_library(const std::filesystem::path& library, const CheckOptions& options) {
  CheckReport report;
  std::optional<std::size_t> first = 0;
  while (first) {
    Worker worker(library, *first, options);
    first = follow(worker, report);
  }
  return report;
}

std::string to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::passed:
      return "passed";
    case Outcome::skipped:
      return "skipped";
    default:
      return "failed";
  }
}

}  // namespace prumux::conformance
