#pragma once

#include <filesystem>
#include <functional>

namespace prumux::cli {

/// Throws `ConfigError` when `out` is `model` itself or holds it, or exists with anything in it
/// that is no part of a model: it would be replaced.
void check_output_folder(const std::filesystem::path& model, const std::filesystem::path& out);

/// Writes a model folder in one step: what lies beside the weights in `model` (tokenizer, labels)
/// is copied, `save` writes config.json and weights into the given folder.
void write_model_folder(const std::filesystem::path& model, const std::filesystem::path& out,
                        const std::function<void(const std::filesystem::path&)>& save);

}  // namespace prumux::cli
