#include "core/cli/model_folder.h"

#include <spdlog/fmt/fmt.h>

#include <array>
#include <string_view>

#include "core/io/atomic_file.h"
#include "prumux/error.h"

namespace prumux::cli {
namespace {

namespace fs = std::filesystem;

/// What a tokenizer and its labels need; nothing that belongs to other weights.
constexpr std::array<std::string_view, 10> kCompanions = {
    "vocab.txt",         "tokenizer.json", "tokenizer_config.json",
    "merges.txt",        "vocab.json",     "special_tokens_map.json",
    "added_tokens.json", "labels.txt",     "vocab_remap.json",
    "README.md"};

}  // namespace

void check_output_folder(const fs::path& model, const fs::path& out) {
  std::error_code code;
  if (fs::equivalent(model, out, code)) {
    throw ConfigError(
        fmt::format("output folder '{}' is the model itself; name another folder", out.string()));
  }
  if (!fs::exists(out, code)) return;
  const bool is_model = fs::is_directory(out, code) && fs::exists(out / "config.json", code);
  if (is_model || (fs::is_directory(out, code) && fs::is_empty(out, code))) return;
  throw ConfigError(
      fmt::format("output folder '{}' exists and is no model folder; name one that may be replaced",
                  out.string()));
}

void write_model_folder(const fs::path& model, const fs::path& out,
                        const std::function<void(const fs::path&)>& save) {
  io::write_folder_atomically(out, [&](const fs::path& folder) {
    for (const std::string_view name : kCompanions) {
      std::error_code code;
      if (!fs::is_regular_file(model / name, code)) continue;
      fs::copy_file(model / name, folder / name, code);
      if (code) {
        throw IoError(fmt::format("cannot copy '{}': {}", (model / name).string(), code.message()));
      }
    }
    save(folder);
  });
}

}  // namespace prumux::cli
