#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "core/train/training_state.h"
#include "prumux/tensors.h"

namespace prumux::train {

/// Step of the newest checkpoint of a training in `directory`; none when there is none.
std::optional<std::int64_t> newest_checkpoint_step(const std::filesystem::path& directory);

struct Checkpoint {
  TrainingState state;
  TensorMap tensors;
  std::string fingerprint{};  ///< Of the training that wrote it.
};

/// The folder `directory`/checkpoints: step-<step>.safetensors, from which a training goes on, and
/// best-<step>.safetensors, its best models. Every file appears in one step, complete.
class CheckpointStore {
 public:
  /// Keeps the newest `keep` checkpoints, and the best model that each of them refers to.
  CheckpointStore(const std::filesystem::path& directory, std::string fingerprint,
                  std::int64_t keep);

  /// The newest checkpoint that is whole; damaged ones are removed, with a warning, and so is what
  /// a killed run left behind it. Throws `IoError` for one that cannot be read, `DataError` for
  /// another fingerprint.
  std::optional<Checkpoint> load_newest();

  void save(const Checkpoint& checkpoint);

  /// The model that is the best one so far, at `step`.
  void save_best(std::int64_t step, const TensorMap& tensors);
  TensorMap load_best(std::int64_t step) const;

  const std::filesystem::path& folder() const { return folder_; }

 private:
  void expect_own(const Checkpoint& checkpoint) const;
  void remove_superseded();

  std::filesystem::path folder_;
  std::string fingerprint_;
  std::int64_t keep_;
};

}  // namespace prumux::train
