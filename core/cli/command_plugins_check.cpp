#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include <boost/dll/runtime_symbol_info.hpp>
#include <chrono>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/cli/plugin_commands.h"
#include "core/cli/print_json.h"
#include "core/conformance/check_process.h"
#include "core/conformance/worker.h"
#include "prumux/error.h"

namespace prumux::cli {
namespace {

using conformance::CheckReport;
using conformance::CheckResult;
using conformance::Outcome;
using Json = nlohmann::ordered_json;

constexpr const char* kPluginsCheckFooter = R"(Example:
  prumux plugins check build/libmy_method.so

Tries out what the interfaces promise, on a small encoder, in a process of its own: a plugin that
crashes or hangs is reported like any other failure. The exit code is 0 when every check passed, 1
otherwise.)";

struct PluginsCheckOptions {
  std::filesystem::path library;
  bool as_json = false;
  double limit = 60.0;
  std::optional<int> worker_events;
  std::size_t first = 0;
};

Json to_json(const CheckReport& report, const std::filesystem::path& library) {
  Json json = {{"file", library.string()}, {"passed", report.passed()}};
  if (!report.rejection.empty()) json["rejected"] = report.rejection;
  json["checks"] = Json::array();
  for (const CheckResult& result : report.results) {
    json["checks"].push_back({{"method", result.method},
                              {"kind", result.kind},
                              {"check", result.check},
                              {"outcome", conformance::to_string(result.outcome)},
                              {"reason", result.reason}});
  }
  return json;
}

void print_text(const CheckReport& report) {
  std::vector<std::vector<std::string>> rows{{"METHOD", "CHECK", "OUTCOME"}};
  for (const CheckResult& result : report.results) {
    const std::string reason = result.reason.empty() ? "" : ": " + result.reason;
    rows.push_back({result.method, result.check, conformance::to_string(result.outcome) + reason});
  }
  if (rows.size() > 1) print_table(rows);
}

std::size_t failures(const CheckReport& report) {
  return static_cast<std::size_t>(
      std::count_if(report.results.begin(), report.results.end(),
                    [](const auto& result) { return result.outcome == Outcome::failed; }));
}

void run(const PluginsCheckOptions& options) {
  // Which is in every range.
  if (std::isnan(options.limit)) throw ConfigError("--limit nan - expected seconds");
  const std::filesystem::path library = std::filesystem::absolute(options.library);
  if (options.worker_events) {
    conformance::run_worker(library, options.first, *options.worker_events);
    return;
  }
  conformance::CheckOptions check;
  check.program = boost::dll::program_location();
  check.limit = std::chrono::milliseconds(static_cast<std::int64_t>(options.limit * 1000));
  const CheckReport report = conformance::check_library(library, check);
  if (options.as_json) {
    print_json(to_json(report, library));
  } else {
    print_text(report);
  }
  if (!report.rejection.empty()) {
    throw PluginError(fmt::format("{} cannot be checked: {}", library.string(), report.rejection));
  }
  if (!report.passed()) {
    throw PluginError(fmt::format("{}: {} of {} checks failed", library.string(), failures(report),
                                  report.results.size()));
  }
}

}  // namespace

void add_plugins_check(CLI::App& plugins) {
  const auto options = std::make_shared<PluginsCheckOptions>();
  CLI::App* command = plugins.add_subcommand("check", "Tries out what a plugin promises");
  command->add_option("FILE", options->library, "The plugin's library")
      ->required()
      ->type_name("FILE.so");
  command->add_flag("--json", options->as_json, "Print one JSON object");
  command->add_option("--limit", options->limit, "Longest time that one check may take")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.1, 86400.0))
      ->capture_default_str();
  // How the program calls itself.
  command->add_option("--worker", options->worker_events)->group("");
  command->add_option("--first", options->first)->group("");
  command->footer(kPluginsCheckFooter);
  command->callback([options] { run(*options); });
}

}  // namespace prumux::cli
