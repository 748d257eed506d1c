#include <filesystem>
#include <memory>
#include <optional>

#include "core/cli/commands.h"
#include "core/cli/print_json.h"
#include "core/report/report.h"

namespace prumux::cli {
namespace {

constexpr const char* kReportFooter = R"(Example:
  prumux report runs/quickstart

RUN_DIR is the folder of a run, finished or not. The file loads nothing, and can be sent on as it
is.)";

struct ReportArguments {
  std::filesystem::path run;
  std::optional<std::filesystem::path> out;
};

void write(const ReportArguments& arguments) {
  const std::filesystem::path out = arguments.out.value_or(arguments.run / report::kDefaultName);
  print_json(report::write_report(arguments.run, out), false);
}

}  // namespace

void add_report(CLI::App& app) {
  const auto arguments = std::make_shared<ReportArguments>();
  CLI::App* command = app.add_subcommand(
      "report", "Write one HTML file about a run: recommendation, plots, models, configuration");
  command->footer(kReportFooter);
  command->add_option("run", arguments->run, "Folder of a run")->required()->type_name("RUN_DIR");
  command->add_option("--out", arguments->out, "The file; by default report.html in RUN_DIR")
      ->type_name("FILE.html");
  command->callback([arguments] { write(*arguments); });
}

}  // namespace prumux::cli
