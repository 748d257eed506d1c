#include <c10/util/Exception.h>
#include <fcntl.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <iostream>
#include <new>
#include <string>
#include <vector>

#include "core/cli/commands.h"
#include "core/config/nearest.h"
#include "prumux/descriptor.h"
#include "prumux/error.h"

namespace prumux::cli {
namespace {

/// Exit codes of the command line contract.
enum ExitCode { kDone = 0, kFailed = 1, kUsage = 2, kBug = 3, kInterrupted = 130 };

int report(ExitCode code, const std::string& message) {
  std::cout.flush();
  std::cerr << "error: " << message << '\n';
  return code;
}

/// The names of the commands below `app`, for the mistyped one that stands where one is expected.
std::string unknown_command(const CLI::App& app, const std::string& name) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands(nullptr)) names.push_back(command->get_name());
  return "unknown command '" + name + "' - " + config::suggestion(name, names);
}

/// What is wrong with the command line, or the help that it asks for; the exit code.
int report_usage(const CLI::App& app, const CLI::ParseError& problem) {
  const CLI::App* innermost = &app;
  while (!innermost->get_subcommands().empty()) innermost = innermost->get_subcommands().front();
  const std::vector<std::string> rest = app.remaining(true);
  const bool has_commands = !innermost->get_subcommands(nullptr).empty();
  if (problem.get_exit_code() != 0 && has_commands && !rest.empty() &&
      !rest.front().starts_with('-')) {
    return report(kUsage, unknown_command(*innermost, rest.front()));
  }
  return app.exit(problem) == 0 ? kDone : kUsage;
}

int run(int argc, char** argv) {
  CLI::App app{"prumux trains, prunes, multiplexes and serves Transformer encoders."};
  app.set_version_flag("--version", PRUMUX_SDK_VERSION);
  app.require_subcommand(1);
  app.fallthrough();  // The options of the program may also stand behind a command's name.
  add_run(app);
  add_status(app);
  add_config(app);
  add_plugins(app);
  add_tokenize(app);
  add_forward(app);
  add_infer(app);
  add_evaluate(app);
  add_bench(app);
  add_shrink(app);
  add_convert(app);
  add_predict(app);
  add_report(app);
  try {
    app.parse(argc, argv);
    std::cout.flush();
    if (!std::cout) return report(kFailed, "cannot write the results to the standard output");
    return kDone;
  } catch (const CLI::ParseError& problem) {
    return report_usage(app, problem);
  } catch (const ConfigError& problem) {
    return report(kUsage, problem.what());
  } catch (const Interrupted& problem) {
    return report(kInterrupted, problem.what());
  } catch (const Error& problem) {
    return report(kFailed, problem.what());
  } catch (const std::filesystem::filesystem_error& problem) {
    return report(kFailed, problem.what());
  } catch (const std::bad_alloc&) {
    return report(kFailed, "out of memory; use a smaller batch or a machine with more memory");
  } catch (const c10::Error& problem) {
    return report(kBug, std::string("a bug in prumux, please report it: ") +
                            problem.what_without_backtrace());
  } catch (const std::exception& problem) {
    return report(kBug, std::string("a bug in prumux, please report it: ") + problem.what());
  }
}

/// A file that took the number of a closed standard stream would receive what is printed. Each is
/// opened so that using it fails as it would closed.
void occupy_closed_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(stream, F_GETFD) != -1) continue;
    open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

}  // namespace
}  // namespace prumux::cli

int main(int argc, char** argv) {
  prumux::cli::occupy_closed_streams();
  // A file that may grow no more is an error of the write, not the end of the process.
  std::signal(SIGXFSZ, SIG_IGN);
  // Neither is a reader that goes away.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    spdlog::set_default_logger(spdlog::stderr_color_mt("prumux"));
    spdlog::set_pattern("%^%v%$");
    return prumux::cli::run(argc, argv);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "error: %s\n", problem.what());
    return prumux::cli::kFailed;
  }
}
