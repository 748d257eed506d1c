#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include "core/runtime/cuda/block_team.cuh"
#include "core/runtime/cuda/launch.h"
#include "core/runtime/device/row_code.h"

namespace prumux::runtime {
namespace {

constexpr int kMaximumThreads = 256;
constexpr int kWarp = 32;

/// A thread for each column as far as that goes, in whole warps.
int threads_for(std::int64_t columns) {
  const std::int64_t warps = (columns + kWarp - 1) / kWarp;
  return static_cast<int>(warps * kWarp < kMaximumThreads ? warps * kWarp : kMaximumThreads);
}

template <typename T>
__global__ void mix_kernel(MixView view) {
  extern __shared__ float rows[];
  __shared__ float partial_sums[kWarp];
  mix_row<T>(BlockTeam(partial_sums), view, static_cast<std::int64_t>(blockIdx.x), rows,
             rows + view.columns);
}

template <typename T>
__global__ void separate_kernel(SeparationView view) {
  extern __shared__ float rows[];
  __shared__ float partial_sums[kWarp];
  separate_row<T>(BlockTeam(partial_sums), view, static_cast<std::int64_t>(blockIdx.x), rows);
}

template <typename View>
cudaError_t launch(void (*kernel)(View), const View& view, std::int64_t blocks, int threads,
                   std::size_t shared_bytes, cudaStream_t stream) {
  if (blocks == 0) return cudaSuccess;
  kernel<<<static_cast<unsigned int>(blocks), threads, shared_bytes, stream>>>(view);
  return cudaGetLastError();
}

}  // namespace

cudaError_t launch_mix(const MixView& view, cudaStream_t stream) {
  const std::int64_t wide = view.columns > view.mixed_columns ? view.columns : view.mixed_columns;
  const std::size_t shared = sizeof(float) * (view.columns + view.mixed_columns);
  const std::int64_t blocks = view.groups * view.length;
  switch (view.storage) {
    case Storage::float16:
      return launch(mix_kernel<__half>, view, blocks, threads_for(wide), shared, stream);
    case Storage::bfloat16:
      return launch(mix_kernel<__nv_bfloat16>, view, blocks, threads_for(wide), shared, stream);
    case Storage::float32:
      break;
  }
  return launch(mix_kernel<float>, view, blocks, threads_for(wide), shared, stream);
}

cudaError_t launch_separate(const SeparationView& view, cudaStream_t stream) {
  const std::size_t shared = sizeof(float) * view.columns;
  const std::int64_t blocks = view.groups * view.instances;
  const int threads = threads_for(view.columns);
  switch (view.storage) {
    case Storage::float16:
      return launch(separate_kernel<__half>, view, blocks, threads, shared, stream);
    case Storage::bfloat16:
      return launch(separate_kernel<__nv_bfloat16>, view, blocks, threads, shared, stream);
    case Storage::float32:
      break;
  }
  return launch(separate_kernel<float>, view, blocks, threads, shared, stream);
}

}  // namespace prumux::runtime
