#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "core/model/model.h"

namespace prumux::runtime {

/// What the engine promises against the training side's forward pass.
inline constexpr double kTolerance = 1e-5;

inline std::filesystem::path golden_folder(const std::string& name) {
  return std::filesystem::path(PRUMUX_TEST_DATA) / "golden" / name;
}

inline std::shared_ptr<model::Model> golden_model(const std::string& name) {
  std::shared_ptr<model::Model> model = model::load_model(golden_folder(name) / "model");
  model->eval();
  return model;
}

}  // namespace prumux::runtime
