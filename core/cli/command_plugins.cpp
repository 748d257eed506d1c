#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "core/cli/commands.h"
#include "core/cli/plugin_commands.h"
#include "core/plugin/registry.h"

namespace prumux::cli {

void print_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& row : rows) {
    for (std::size_t column = 0; column < row.size(); ++column) {
      widths[column] = std::max(widths[column], row[column].size());
    }
  }
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t column = 0; column + 1 < row.size(); ++column) {
      line += fmt::format("{:<{}}  ", row[column], widths[column]);
    }
    std::cout << line << row.back() << '\n';
  }
}

void add_plugins(CLI::App& app) {
  app.add_option_function<std::vector<std::string>>(
         "--plugin-path",
         [](const std::vector<std::string>& folders) {
           plugin::Registry::instance().set_extra_search_path({folders.begin(), folders.end()});
         },
         "Folder to search for plugins before all others; may be repeated")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory)
      ->allow_extra_args(false);
  CLI::App* plugins = app.add_subcommand("plugins", "Lists, describes, checks and begins plugins");
  plugins->require_subcommand(1);
  plugins->footer("Example:\n  prumux plugins list");
  add_plugins_list(*plugins);
  add_plugins_inspect(*plugins);
  add_plugins_check(*plugins);
  add_plugins_new(*plugins);
}

}  // namespace prumux::cli
