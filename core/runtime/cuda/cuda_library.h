#pragma once

#include <cstdint>

#include "core/runtime/device/row_kernels.h"

/// The border between the program and libprumux_cuda, which alone is linked against CUDA, so that
/// one build runs on machines with a GPU and without. Plain C: no exception crosses it.
extern "C" {

/// What libprumux_cuda exports as `prumux_cuda_v1`.
struct PrumuxCudaV1 {
  /// GPUs that can be used; -1 with the reason in `error` when the driver refuses.
  int (*device_count)(char* error, std::uint32_t size);
  /// Both run on libtorch's current stream. 0, or 1 with the reason in `error`.
  int (*mix)(const prumux::runtime::MixView* view, char* error, std::uint32_t size);
  int (*separate)(const prumux::runtime::SeparationView* view, char* error, std::uint32_t size);
};
}
