#pragma once

#include <cstdint>

#include "core/runtime/device/row_kernels.h"

/// The border between the program and libprumux_cuda, which alone is linked against CUDA, so that
/// one build runs on machines with a GPU and without. Plain C: no exception crosses it. Functions
/// that return an int return 0, or 1 with the reason in `error`, and run on libtorch's current
/// stream.
extern "C" {

/// Work of the GPU that is being recorded, or was.
struct PrumuxRecording;

/// What libprumux_cuda exports as `prumux_cuda_v1`.
struct PrumuxCudaV1 {
  /// GPUs that can be used; -1 with the reason in `error` when the driver refuses.
  int (*device_count)(char* error, std::uint32_t size);
  /// The name of the current GPU.
  int (*device_name)(char* name, std::uint32_t name_size, char* error, std::uint32_t size);
  int (*mix)(const prumux::runtime::MixView* view, char* error, std::uint32_t size);
  int (*separate)(const prumux::runtime::SeparationView* view, char* error, std::uint32_t size);
  int (*add)(const prumux::runtime::AdditionView* view, char* error, std::uint32_t size);
  /// From here on the thread's work is recorded, not run. `recording` receives what `destroy`
  /// frees.
  int (*begin_recording)(PrumuxRecording** recording, char* error, std::uint32_t size);
  /// Ends it, also after the work failed.
  int (*end_recording)(PrumuxRecording* recording, char* error, std::uint32_t size);
  int (*start_recorded)(PrumuxRecording* recording, char* error, std::uint32_t size);
  void (*destroy)(PrumuxRecording* recording);
};
}
