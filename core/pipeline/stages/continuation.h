#pragma once

#include <filesystem>

#include "core/pipeline/stages/models.h"
#include "prumux/tensors.h"

namespace prumux::pipeline {

/// What a stage leaves for the next target of a sweep: the model before it was made smaller, and
/// the state of its compressor.
struct Continuation {
  TokenModel model;
  TensorMap compressor;

  /// Writes it into the stage's `folder`.
  void save(const std::filesystem::path& folder) const;

  /// Throws `IoError` or `DataError` when it is not there or damaged.
  static Continuation load(const std::filesystem::path& folder);
};

}  // namespace prumux::pipeline
