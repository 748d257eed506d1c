#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace prumux::test {

/// A headless Chromium.
class Browser {
 public:
  /// The one that $PRUMUX_BROWSER names, or else the first of the usual names on the path; empty
  /// when there is none that starts.
  static std::optional<Browser> find();

  /// The page as it is after its scripts have run, as HTML.
  std::string dump(const std::filesystem::path& page,
                   const std::vector<std::string>& options = {}) const;

  /// Writes a picture of the page, as PNG.
  void screenshot(const std::filesystem::path& page, const std::filesystem::path& picture,
                  int width, int height, const std::vector<std::string>& options = {}) const;

 private:
  explicit Browser(std::string program) : program_(std::move(program)) {}

  /// What it prints.
  std::string run(const std::filesystem::path& page, std::vector<std::string> options) const;

  std::string program_;
};

}  // namespace prumux::test
