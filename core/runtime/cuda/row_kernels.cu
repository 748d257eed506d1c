#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include "core/runtime/cuda/launch.h"
#include "core/runtime/cuda/warp_team.cuh"
#include "core/runtime/device/row_code.h"

namespace prumux::runtime {
namespace {

/// What every kernel may use without asking for more.
constexpr std::size_t kSharedBytes = 48 * 1024;
constexpr std::size_t kMaximumWarps = 8;

/// Index of the warp in the grid: the row that it works on.
__device__ std::int64_t row_of_warp() {
  return static_cast<std::int64_t>(blockIdx.x) * blockDim.y + threadIdx.y;
}

/// `floats` of the block's shared memory for each warp.
__device__ float* scratch_of_warp(std::int64_t floats) {
  extern __shared__ float scratch[];
  return scratch + threadIdx.y * floats;
}

template <typename T>
__global__ void mix_kernel(MixView view) {
  if (row_of_warp() >= view.groups * view.length) return;
  float* const scratch = scratch_of_warp(view.columns + view.mixed_columns);
  mix_row<T>(WarpTeam{}, view, row_of_warp(), scratch, scratch + view.columns);
}

template <typename T>
__global__ void separate_kernel(SeparationView view) {
  if (row_of_warp() >= view.groups * view.instances) return;
  separate_row<T>(WarpTeam{}, view, row_of_warp(), scratch_of_warp(view.columns));
}

template <typename T>
__global__ void add_kernel(AdditionView view) {
  if (row_of_warp() >= view.rows) return;
  add_row<T>(WarpTeam{}, view, row_of_warp(), scratch_of_warp(view.columns));
}

/// A warp for each row, with room for so many floats.
template <typename View>
cudaError_t launch(void (*kernel)(View), const View& view, std::int64_t rows, std::int64_t floats,
                   cudaStream_t stream) {
  if (rows == 0) return cudaSuccess;
  const std::size_t bytes = sizeof(float) * static_cast<std::size_t>(floats);
  if (bytes > kSharedBytes) return cudaErrorInvalidConfiguration;
  const std::size_t fitting = kSharedBytes / (bytes > 0 ? bytes : 1);
  const auto warps = static_cast<unsigned int>(fitting < kMaximumWarps ? fitting : kMaximumWarps);
  const auto blocks = static_cast<unsigned int>((rows + warps - 1) / warps);
  kernel<<<blocks, dim3(kWarpSize, warps), warps * bytes, stream>>>(view);
  return cudaGetLastError();
}

}  // namespace

cudaError_t launch_mix(const MixView& view, cudaStream_t stream) {
  const std::int64_t rows = view.groups * view.length;
  const std::int64_t floats = view.columns + view.mixed_columns;
  switch (view.storage) {
    case Storage::float16:
      return launch(mix_kernel<__half>, view, rows, floats, stream);
    case Storage::bfloat16:
      return launch(mix_kernel<__nv_bfloat16>, view, rows, floats, stream);
    case Storage::float32:
      break;
  }
  return launch(mix_kernel<float>, view, rows, floats, stream);
}

cudaError_t launch_separate(const SeparationView& view, cudaStream_t stream) {
  const std::int64_t rows = view.groups * view.instances;
  switch (view.storage) {
    case Storage::float16:
      return launch(separate_kernel<__half>, view, rows, view.columns, stream);
    case Storage::bfloat16:
      return launch(separate_kernel<__nv_bfloat16>, view, rows, view.columns, stream);
    case Storage::float32:
      break;
  }
  return launch(separate_kernel<float>, view, rows, view.columns, stream);
}

cudaError_t launch_add(const AdditionView& view, cudaStream_t stream) {
  switch (view.storage) {
    case Storage::float16:
      return launch(add_kernel<__half>, view, view.rows, view.columns, stream);
    case Storage::bfloat16:
      return launch(add_kernel<__nv_bfloat16>, view, view.rows, view.columns, stream);
    case Storage::float32:
      break;
  }
  return launch(add_kernel<float>, view, view.rows, view.columns, stream);
}

}  // namespace prumux::runtime
