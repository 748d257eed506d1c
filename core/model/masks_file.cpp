#include "core/model/masks_file.h"

#include <ATen/ATen.h>
#include <spdlog/fmt/fmt.h>

#include <map>

#include "core/model/safetensors.h"
#include "core/model/torch_archive.h"
#include "prumux/error.h"

namespace prumux::model {
namespace {

/// Drops dimensions of size one where the mask has more than `dimensions`: a real dimension of size
/// one (one layer) is kept.
at::Tensor without_unit_dimensions(at::Tensor mask, std::int64_t dimensions) {
  for (std::int64_t axis = mask.dim() - 1; axis >= 0 && mask.dim() > dimensions; --axis) {
    if (mask.size(axis) == 1 && !(axis == 0 && dimensions == 2)) mask = mask.squeeze(axis);
  }
  return mask;
}

}  // namespace

StructureMasks read_masks(const std::filesystem::path& file, const EncoderConfig& encoder) {
  const bool pickled = file.extension() == ".pt" || file.extension() == ".bin";
  const TensorMap tensors = pickled ? read_torch_archive(file) : read_safetensors(file);
  StructureMasks masks;
  const std::map<std::string, std::pair<at::Tensor*, std::int64_t>> places = {
      {"head_z", {&masks.head, 2}},
      {"head_layer_z", {&masks.head_layer, 1}},
      {"intermediate_z", {&masks.intermediate, 2}},
      {"mlp_z", {&masks.mlp, 1}},
      {"hidden_z", {&masks.hidden, 1}}};
  for (const auto& [name, tensor] : tensors) {
    const auto found = places.find(name);
    if (found == places.end()) {
      throw DataError(
          fmt::format("'{}' has a tensor '{}', expected only head_z, head_layer_z, "
                      "intermediate_z, mlp_z, hidden_z",
                      file.string(), name));
    }
    const auto& [place, dimensions] = found->second;
    *place = without_unit_dimensions(tensor.to(at::kFloat), dimensions);
    if (!place->isfinite().all().item<bool>()) {
      throw DataError(fmt::format("mask '{}' of '{}' holds values that are no finite numbers", name,
                                  file.string()));
    }
  }
  if (masks.empty()) throw DataError(fmt::format("'{}' holds no masks", file.string()));
  try {
    masks.check(encoder);
  } catch (const DataError& problem) {
    throw DataError(fmt::format("'{}': {}", file.string(), problem.what()));
  }
  return masks;
}

}  // namespace prumux::model
