#pragma once

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "core/model/masks_file.h"
#include "core/model/model.h"
#include "core/model/safetensors.h"
#include "tests/support/distance.h"
#include "tests/support/temporary_folder.h"

namespace prumux::model {

using test::distance;
using test::TemporaryFolder;

inline std::filesystem::path golden_folder(const std::string& name) {
  return std::filesystem::path(PRUMUX_TEST_DATA) / "golden" / name;
}

inline TensorMap golden(const std::string& name) {
  return read_safetensors(golden_folder(name) / "golden.safetensors");
}

inline std::shared_ptr<Model> golden_model(const std::string& name,
                                           const std::string& part = "model") {
  std::shared_ptr<Model> model = load_model(golden_folder(name) / part);
  model->eval();
  return model;
}

inline ModelInputs inputs_of(const TensorMap& tensors, const std::string& prefix = "") {
  const auto find = [&](const std::string& name) {
    const auto found = tensors.find(prefix + name);
    return found == tensors.end() ? at::Tensor() : found->second;
  };
  return {find("input_ids"), find("attention_mask"), find("token_type_ids")};
}

inline at::Tensor logits_of(Model& model, const ModelInputs& inputs,
                            const StructureMasks* masks = nullptr) {
  const at::NoGradGuard no_gradient;
  ForwardOptions options;
  options.masks = masks;
  return model.forward(inputs, options).logits;
}

/// The tolerance of the reference numbers (float32, another implementation).
inline constexpr double kGoldenTolerance = 3e-5;
/// What physical pruning promises.
inline constexpr double kPruningTolerance = 1e-5;

}  // namespace prumux::model
