#include "core/runtime/cuda/cuda_library.h"

#include <ATen/cuda/CUDAContextLight.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAStream.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <memory>
#include <stdexcept>

#include "core/runtime/cuda/launch.h"

/// libtorch records on a stream of its own only.
struct PrumuxRecording {
  at::cuda::CUDAGraph graph;
  c10::cuda::CUDAStream stream = c10::cuda::getStreamFromPool();
  c10::cuda::CUDAStream caller = c10::cuda::getCurrentCUDAStream();
};

namespace {

void leave(const char* reason, char* error, std::uint32_t size) {
  if (size == 0) return;
  const std::size_t length = std::min<std::size_t>(std::strlen(reason), size - 1);
  std::memcpy(error, reason, length);
  error[length] = '\0';
}

/// Runs `work`; 0, or 1 with the reason in `error`.
template <typename Work>
int guarded(char* error, std::uint32_t size, const Work& work) {
  try {
    work();
    return 0;
  } catch (const std::exception& exception) {
    leave(exception.what(), error, size);
  } catch (...) {
    leave("an exception of an unknown type", error, size);
  }
  return 1;
}

template <typename View>
int run(cudaError_t (*launch)(const View&, cudaStream_t), const View& view, char* error,
        std::uint32_t size) {
  return guarded(error, size, [&] {
    const cudaError_t status = launch(view, c10::cuda::getCurrentCUDAStream());
    if (status != cudaSuccess) throw std::runtime_error(cudaGetErrorString(status));
  });
}

int mix(const prumux::runtime::MixView* view, char* error, std::uint32_t size) {
  return run(prumux::runtime::launch_mix, *view, error, size);
}

int separate(const prumux::runtime::SeparationView* view, char* error, std::uint32_t size) {
  return run(prumux::runtime::launch_separate, *view, error, size);
}

int add(const prumux::runtime::AdditionView* view, char* error, std::uint32_t size) {
  return run(prumux::runtime::launch_add, *view, error, size);
}

int begin_recording(PrumuxRecording** recording, char* error, std::uint32_t size) {
  return guarded(error, size, [&] {
    auto begun = std::make_unique<PrumuxRecording>();
    // What the recorded work reads must be there when it runs.
    begun->caller.synchronize();
    c10::cuda::setCurrentCUDAStream(begun->stream);
    try {
      begun->graph.capture_begin();
    } catch (...) {
      c10::cuda::setCurrentCUDAStream(begun->caller);
      throw;
    }
    *recording = begun.release();
  });
}

int end_recording(PrumuxRecording* recording, char* error, std::uint32_t size) {
  const int result = guarded(error, size, [&] { recording->graph.capture_end(); });
  const int restored =
      guarded(error, size, [&] { c10::cuda::setCurrentCUDAStream(recording->caller); });
  return result | restored;
}

int start_recorded(PrumuxRecording* recording, char* error, std::uint32_t size) {
  return guarded(error, size, [&] { recording->graph.replay(); });
}

void destroy(PrumuxRecording* recording) { delete recording; }

int device_count(char* error, std::uint32_t size) {
  int count = -1;
  guarded(error, size, [&] { count = c10::cuda::device_count_ensure_non_zero(); });
  return count;
}

int device_name(char* name, std::uint32_t name_size, char* error, std::uint32_t size) {
  return guarded(error, size,
                 [&] { leave(at::cuda::getCurrentDeviceProperties()->name, name, name_size); });
}

}  // namespace

extern "C" __attribute__((visibility("default"))) const PrumuxCudaV1 prumux_cuda_v1 = {
    device_count,  device_name,    mix,    separate, add, begin_recording,
    end_recording, start_recorded, destroy};
