#include "core/cli/row_length.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "core/model/longest_row.h"
#include "prumux/error.h"

namespace prumux::cli {
namespace {

constexpr std::int64_t kUsualLength = 128;

}  // namespace

void add_max_length(CLI::App& command, std::optional<std::size_t>& requested) {
  command
      .add_option("--max-length", requested,
                  "Tokens of a row at most (default: 128, or what the model takes)")
      ->check(CLI::Range(3, 100000))
      ->type_name("L");
}

std::size_t row_length(const std::string& option, std::optional<std::size_t> requested,
                       const model::Model& model) {
  const std::int64_t longest = model::longest_row(model);
  if (!requested) return static_cast<std::size_t>(std::min(kUsualLength, longest));
  if (static_cast<std::int64_t>(*requested) > longest) {
    throw ConfigError(fmt::format("{} {} is more than the {} tokens that the model takes", option,
                                  *requested, longest));
  }
  return *requested;
}

}  // namespace prumux::cli
