#include "tests/report/browser.h"

#include <cstdlib>

#include "core/io/atomic_file.h"
#include "tests/support/temporary_folder.h"

namespace prumux::test {
namespace {

std::string quoted(const std::string& word) { return "'" + word + "'"; }

bool starts(const std::string& program) {
  return std::system((quoted(program) + " --version > /dev/null 2>&1").c_str()) == 0;
}

}  // namespace

std::optional<Browser> Browser::find() {
  if (const char* chosen = std::getenv("PRUMUX_BROWSER")) {
    return starts(chosen) ? std::optional(Browser(chosen)) : std::nullopt;
  }
  for (const char* name : {"chromium", "chromium-browser", "google-chrome", "chrome"}) {
    if (starts(name)) return Browser(name);
  }
  return std::nullopt;
}

std::string Browser::run(const std::filesystem::path& page,
                         std::vector<std::string> options) const {
  const TemporaryFolder scratch;
  // No sandbox: it cannot be had by root, and the page is ours.
  for (const char* option : {"--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                             "--disable-background-networking", "--virtual-time-budget=5000"}) {
    options.emplace_back(option);
  }
  options.push_back("--user-data-dir=" + (scratch.path() / "profile").string());
  options.push_back("file://" + page.string());
  std::string command = "timeout 120 " + quoted(program_);
  for (const std::string& option : options) command += " " + quoted(option);
  const std::filesystem::path output = scratch.path() / "output";
  if (std::system((command + " > " + output.string() + " 2> /dev/null").c_str()) != 0) return "";
  return io::read_file(output);
}

std::string Browser::dump(const std::filesystem::path& page,
                          const std::vector<std::string>& options) const {
  std::vector<std::string> all = options;
  all.emplace_back("--dump-dom");
  return run(page, all);
}

void Browser::screenshot(const std::filesystem::path& page, const std::filesystem::path& picture,
                         int width, int height, const std::vector<std::string>& options) const {
  std::vector<std::string> all = options;
  all.push_back("--window-size=" + std::to_string(width) + "," + std::to_string(height));
  all.push_back("--screenshot=" + picture.string());
  run(page, all);
}

}  // namespace prumux::test
