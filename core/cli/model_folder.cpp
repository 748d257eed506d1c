#include "core/cli/model_folder.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <string>
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

/// What else a folder may hold to be replaced.
constexpr std::array<std::string_view, 5> kModelFiles = {"config.json", "model.safetensors",
                                                         "pytorch_model.bin", "model.onnx",
                                                         "exported_by_prumux.json"};

bool contains(const fs::path& folder, const fs::path& path) {
  const fs::path inside =
      fs::weakly_canonical(path).lexically_relative(fs::weakly_canonical(folder));
  return !inside.empty() && *inside.begin() != "..";
}

/// An entry of `folder` that no model folder has; empty: there is none.
std::string foreign_entry(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const bool known = std::ranges::find(kCompanions, name) != kCompanions.end() ||
                       std::ranges::find(kModelFiles, name) != kModelFiles.end();
    if (!known || !entry.is_regular_file()) return name;
  }
  return "";
}

}  // namespace

void check_output_folder(const fs::path& model, const fs::path& out) {
  std::error_code code;
  if (fs::equivalent(model, out, code)) {
    throw ConfigError(
        fmt::format("output folder '{}' is the model itself; name another folder", out.string()));
  }
  if (!fs::exists(out, code)) return;
  if (contains(out, model)) {
    throw ConfigError(
        fmt::format("output folder '{}' holds the model '{}', and would be replaced; name another "
                    "folder",
                    out.string(), model.string()));
  }
  if (!fs::is_directory(out, code)) {
    throw ConfigError(
        fmt::format("output folder '{}' exists and is a file; name a folder", out.string()));
  }
  if (const std::string name = foreign_entry(out); !name.empty()) {
    throw ConfigError(
        fmt::format("output folder '{}' exists and holds '{}', which is of no model; name a new "
                    "folder, or that of a model to replace",
                    out.string(), name));
  }
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
