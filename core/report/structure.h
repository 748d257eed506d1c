#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace prumux::report {

/// What is left of one encoder layer.
struct LayerStructure {
  std::vector<bool> heads;  ///< Which are left; the first ones where only their number is known.
  std::int64_t intermediate = 0;  ///< Dimensions that are left inside the feed-forward block.
  /// Of the weights that are products of two matrices, by the end of their name.
  std::map<std::string, std::int64_t> ranks;
};

/// What is left of a model's encoder.
struct ModelStructure {
  std::int64_t hidden_of = 0;        ///< Hidden dimensions of the dense model.
  std::int64_t intermediate_of = 0;  ///< Intermediate dimensions of the dense model.
  std::int64_t hidden = 0;           ///< Hidden dimensions that are left.
  std::vector<LayerStructure> layers;
  bool heads_are_known = true;  ///< Which, not only how many.

  bool is_dense() const;
  /// Share of the weight matrices of layer `index` that is left.
  double weights_left(std::size_t index) const;
};

/// Reads config.json and the header of model.safetensors of a model folder: a pruned model has the
/// shapes that are left. Empty where the folder has no model.safetensors, or one of other tensors
/// than an encoder's. Throws `DataError` when a file is damaged, `IoError` when it cannot be read.
std::optional<ModelStructure> read_structure(const std::filesystem::path& model);

/// The fields by name, and `weights_left` of each layer.
nlohmann::json to_json(const ModelStructure& structure);

}  // namespace prumux::report
