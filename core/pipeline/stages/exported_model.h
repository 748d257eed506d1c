#pragma once

#include <filesystem>
#include <string>

namespace prumux::pipeline {

/// Whether a model may be put into `folder`: it is not there, empty, or has one from here.
bool may_be_replaced(const std::filesystem::path& folder);

/// Replaces `folder` by a copy of `model`, of the stage with `key`, and marks it as one. Throws
/// `IoError` unless it `may_be_replaced`.
void export_model(const std::filesystem::path& model, const std::filesystem::path& folder,
                  const std::string& key);

/// Removes a model that `export_model` has put there, and nothing else.
void remove_exported_model(const std::filesystem::path& folder);

}  // namespace prumux::pipeline
