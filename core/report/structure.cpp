#include "core/report/structure.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <string>

#include "core/io/atomic_file.h"
#include "prumux/error.h"
#include "prumux/structure.h"

namespace prumux::report {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

using Shape = std::vector<std::int64_t>;
/// By the part of the name that follows "encoder.layer.".
using Shapes = std::map<std::string, Shape>;

constexpr std::string_view kLayers = "encoder.layer.";
/// The linear layers of an encoder layer: four of attention, two of the feed-forward block.
constexpr std::array<const char*, 6> kLinears = {"attention.self.query", "attention.self.key",
                                                 "attention.self.value", "attention.output.dense",
                                                 "intermediate.dense",   "output.dense"};
constexpr std::size_t kAttentionLinears = 4;
constexpr std::uint64_t kLongestHeader = 100'000'000;
constexpr std::int64_t kLargestSize = 1'000'000;

/// The header of a safetensors file: 8 bytes of its length, little endian, then JSON.
json read_header(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::uint64_t length = 0;
  for (int shift = 0; shift < 64; shift += 8) {
    const int byte = stream.get();
    if (byte >= 0) length |= static_cast<std::uint64_t>(byte) << shift;
  }
  if (!stream) throw IoError(fmt::format("cannot read '{}'", file.string()));
  std::string text(std::min(length, kLongestHeader), '\0');
  if (length > kLongestHeader ||
      !stream.read(text.data(), static_cast<std::streamsize>(text.size()))) {
    throw DataError(
        fmt::format("'{}' is damaged: its header has {} bytes by its own account, but the file is "
                    "shorter; compute the stage again",
                    file.string(), length));
  }
  return json::parse(text);
}

Shapes layer_shapes(const fs::path& file) {
  Shapes shapes;
  const json header = read_header(file);
  for (const auto& [name, tensor] : header.items()) {
    const std::size_t at = name.find(kLayers);
    if (at != std::string::npos) {
      shapes[name.substr(at + kLayers.size())] = tensor.at("shape").get<Shape>();
    }
  }
  return shapes;
}

/// Rows of a tensor; 0 when it was removed.
std::int64_t rows(const Shapes& shapes, const std::string& name) {
  const auto found = shapes.find(name);
  return found == shapes.end() || found->second.empty() ? 0 : found->second.front();
}

/// Which of `total` heads are left, if the configuration agrees with the weights that it is
/// `kept` of them.
std::optional<std::vector<bool>> named_heads(const json& config, std::size_t layer,
                                             std::int64_t total, std::int64_t kept) {
  std::vector<bool> heads(static_cast<std::size_t>(total), true);
  const json pruned = config.value("pruned_heads", json::object());
  for (const auto& index : pruned.value(std::to_string(layer), json::array())) {
    heads.at(index.get<std::size_t>()) = false;
  }
  if (std::count(heads.begin(), heads.end(), true) != kept) return std::nullopt;
  return heads;
}

std::map<std::string, std::int64_t> ranks_of(const Shapes& shapes, std::size_t layer) {
  std::map<std::string, std::int64_t> ranks;
  for (const char* linear : kLinears) {
    const std::int64_t rank = rows(shapes, fmt::format("{}.{}{}", layer, linear, kReductionSuffix));
    if (rank > 0) ranks.emplace(linear, rank);
  }
  return ranks;
}

/// A size of the dense model.
std::int64_t size_at(const json& config, const char* name) {
  const auto size = config.at(name).get<std::int64_t>();
  if (size < 1 || size > kLargestSize) {
    throw DataError(fmt::format("config.json says '{}' is {}, expected a number from 1 to {}", name,
                                size, kLargestSize));
  }
  return size;
}

ModelStructure structure_of(const json& config, const Shapes& shapes) {
  ModelStructure structure;
  structure.hidden_of = size_at(config, "hidden_size");
  structure.intermediate_of = size_at(config, "intermediate_size");
  const std::int64_t heads = size_at(config, "num_attention_heads");
  const std::int64_t head_size = std::max<std::int64_t>(structure.hidden_of / heads, 1);
  structure.layers.resize(static_cast<std::size_t>(size_at(config, "num_hidden_layers")));
  structure.hidden = rows(shapes, "0.output.LayerNorm.weight");
  for (std::size_t i = 0; i < structure.layers.size(); ++i) {
    LayerStructure& layer = structure.layers[i];
    const std::int64_t kept =
        std::min(rows(shapes, fmt::format("{}.attention.self.query.weight", i)) / head_size, heads);
    layer.intermediate = rows(shapes, fmt::format("{}.intermediate.dense.weight", i));
    layer.ranks = ranks_of(shapes, i);
    if (auto named = named_heads(config, i, heads, kept)) {
      layer.heads = std::move(*named);
    } else {
      layer.heads.assign(static_cast<std::size_t>(heads), false);
      std::fill_n(layer.heads.begin(), kept, true);
      // Of no heads it is known which ones are left.
      structure.heads_are_known = structure.heads_are_known && kept == 0;
    }
  }
  return structure;
}

}  // namespace

bool ModelStructure::is_dense() const {
  return hidden == hidden_of &&
         std::all_of(layers.begin(), layers.end(), [this](const LayerStructure& layer) {
           return layer.intermediate == intermediate_of && layer.ranks.empty() &&
                  std::count(layer.heads.begin(), layer.heads.end(), false) == 0;
         });
}

double ModelStructure::weights_left(std::size_t index) const {
  const LayerStructure& layer = layers.at(index);
  const auto kept_heads =
      static_cast<double>(std::count(layer.heads.begin(), layer.heads.end(), true));
  const auto full = static_cast<double>(hidden_of);
  const double head_size = full / static_cast<double>(layer.heads.size());
  const auto width = static_cast<double>(hidden);
  double left = 0.0;
  for (std::size_t i = 0; i < kLinears.size(); ++i) {
    const double units =
        i < kAttentionLinears ? kept_heads * head_size : static_cast<double>(layer.intermediate);
    const auto rank = layer.ranks.find(kLinears[i]);
    left += rank == layer.ranks.end() ? units * width
                                      : static_cast<double>(rank->second) * (units + width);
  }
  return left / (4.0 * full * full + 2.0 * full * static_cast<double>(intermediate_of));
}

std::optional<ModelStructure> read_structure(const fs::path& model) {
  const fs::path weights = model / "model.safetensors";
  std::error_code code;
  if (!fs::exists(weights, code)) return std::nullopt;
  try {
    const Shapes shapes = layer_shapes(weights);
    ModelStructure structure =
        structure_of(json::parse(io::read_file(model / "config.json")), shapes);
    if (structure.hidden == 0) return std::nullopt;
    return structure;
  } catch (const json::exception& problem) {
    throw DataError(fmt::format("the model in '{}' is damaged: {}; compute the stage again",
                                model.string(), problem.what()));
  } catch (const std::out_of_range&) {
    throw DataError(
        fmt::format("config.json in '{}' has 'pruned_heads' beyond the heads that "
                    "there are; compute the stage again",
                    model.string()));
  }
}

json to_json(const ModelStructure& structure) {
  json layers = json::array();
  for (std::size_t i = 0; i < structure.layers.size(); ++i) {
    layers.push_back({{"heads", structure.layers[i].heads},
                      {"intermediate", structure.layers[i].intermediate},
                      {"ranks", structure.layers[i].ranks},
                      {"weights_left", structure.weights_left(i)}});
  }
  return {{"hidden", structure.hidden},
          {"hidden_of", structure.hidden_of},
          {"intermediate_of", structure.intermediate_of},
          {"heads_are_known", structure.heads_are_known},
          {"layers", layers}};
}

}  // namespace prumux::report
