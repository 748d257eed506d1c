#include "core/runtime/cuda/cuda_library.h"

#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAStream.h>

#include <algorithm>
#include <cstring>
#include <exception>

#include "core/runtime/cuda/launch.h"

namespace {

void leave(const char* reason, char* error, std::uint32_t size) {
  if (size == 0) return;
  const std::size_t length = std::min<std::size_t>(std::strlen(reason), size - 1);
  std::memcpy(error, reason, length);
  error[length] = '\0';
}

template <typename View>
int run(cudaError_t (*launch)(const View&, cudaStream_t), const View& view, char* error,
        std::uint32_t size) {
  try {
    const cudaError_t status = launch(view, c10::cuda::getCurrentCUDAStream());
    if (status == cudaSuccess) return 0;
    leave(cudaGetErrorString(status), error, size);
  } catch (const std::exception& exception) {
    leave(exception.what(), error, size);
  }
  return 1;
}

int mix(const prumux::runtime::MixView* view, char* error, std::uint32_t size) {
  return run(prumux::runtime::launch_mix, *view, error, size);
}

int separate(const prumux::runtime::SeparationView* view, char* error, std::uint32_t size) {
  return run(prumux::runtime::launch_separate, *view, error, size);
}

int device_count(char* error, std::uint32_t size) {
  try {
    return c10::cuda::device_count_ensure_non_zero();
  } catch (const std::exception& exception) {
    leave(exception.what(), error, size);
    return -1;
  }
}

}  // namespace

extern "C" __attribute__((visibility("default")))
const PrumuxCudaV1 prumux_cuda_v1 = {device_count, mix, separate};
