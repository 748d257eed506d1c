#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "core/runtime/device/cuda_kernels.h"

namespace prumux::cli {

/// The option `--device` of the commands that run a model.
struct DeviceArgument {
  std::string name = "cpu";

  void add_to(CLI::App& command) {
    command
        .add_option("--device", name,
                    "cuda: on the first NVIDIA GPU, in a build that has the library for it")
        ->check(CLI::IsMember({"cpu", "cuda"}))
        ->capture_default_str();
  }

  /// Null for the CPU. Before the first tensor: libtorch looks only once whether it has CUDA.
  std::shared_ptr<const runtime::RowKernels> resolve() const {
    return name == "cuda" ? runtime::load_cuda_kernels() : nullptr;
  }
};

}  // namespace prumux::cli
