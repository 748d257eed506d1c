#include <c10/util/Exception.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <csignal>
#include <exception>
#include <filesystem>
#include <iostream>
#include <new>
#include <string>

#include "core/cli/commands.h"
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
  try {
    app.parse(argc, argv);
    std::cout.flush();
    return kDone;
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem) == 0 ? kDone : kUsage;
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

}  // namespace
}  // namespace prumux::cli

int main(int argc, char** argv) {
  // A file that may grow no more is an error of the write, not the end of the process.
  std::signal(SIGXFSZ, SIG_IGN);
  spdlog::set_default_logger(spdlog::stderr_color_mt("prumux"));
  spdlog::set_pattern("%^%v%$");
  return prumux::cli::run(argc, argv);
}
