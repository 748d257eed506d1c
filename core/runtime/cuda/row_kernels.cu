#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <type_traits>

#include "core/runtime/cuda/launch.h"
#include "core/runtime/cuda/register_rows.cuh"
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

/// `kVectors`: vectors of a row that a lane keeps in registers; 0: rows are in shared memory.
template <typename T, int kVectors>
__global__ void mix_kernel(MixView view) {
  if (row_of_warp() >= view.groups * view.length) return;
  float* const scratch = scratch_of_warp(2 * view.columns);
  if constexpr (kVectors > 0) {
    mix_row_in_registers<T, kVectors>(view, row_of_warp(), scratch, scratch + view.columns);
  } else {
    mix_row<T>(WarpTeam{}, view, row_of_warp(), scratch, scratch + view.columns);
  }
}

template <typename T, int kVectors>
__global__ void add_kernel(AdditionView view) {
  if (row_of_warp() >= view.rows) return;
  if constexpr (kVectors > 0) {
    add_row_in_registers<T, kVectors>(view, row_of_warp());
  } else {
    add_row<T>(WarpTeam{}, view, row_of_warp(), scratch_of_warp(view.columns));
  }
}

template <typename T>
__global__ void separate_kernel(SeparationView view) {
  if (row_of_warp() >= view.groups * view.instances) return;
  separate_row<T>(WarpTeam{}, view, row_of_warp(), scratch_of_warp(view.columns));
}

/// Vectors of a row of so many columns that a lane gets; 0: they do not fit into its registers.
int vectors_of_lane(std::int64_t columns) {
  if (columns % kVector != 0 || columns > kRegisterColumns) return 0;
  return static_cast<int>((columns / kVector + kWarpSize - 1) / kWarpSize);
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

/// Calls `start` with a number of the type that `storage` names.
template <typename Start>
cudaError_t with_type(Storage storage, const Start& start) {
  switch (storage) {
    case Storage::float16:
      return start(__half{});
    case Storage::bfloat16:
      return start(__nv_bfloat16{});
    case Storage::float32:
      break;
  }
  return start(float{});
}

/// Calls `start` with `vectors_of_lane(columns)` as a constant.
template <typename Start>
cudaError_t with_vectors(std::int64_t columns, const Start& start) {
  switch (vectors_of_lane(columns)) {
    case 1:
      return start(std::integral_constant<int, 1>{});
    case 2:
      return start(std::integral_constant<int, 2>{});
    case 3:
      return start(std::integral_constant<int, 3>{});
    case 4:
      return start(std::integral_constant<int, 4>{});
    default:
      return start(std::integral_constant<int, 0>{});
  }
}

}  // namespace

cudaError_t launch_mix(const MixView& view, cudaStream_t stream) {
  return with_type(view.storage, [&](auto number) {
    return with_vectors(view.columns, [&](auto vectors) {
      return launch(mix_kernel<decltype(number), decltype(vectors)::value>, view,
                    view.groups * view.length, 2 * view.columns, stream);
    });
  });
}

cudaError_t launch_add(const AdditionView& view, cudaStream_t stream) {
  return with_type(view.storage, [&](auto number) {
    return with_vectors(view.stride, [&](auto vectors) {
      constexpr int kVectors = decltype(vectors)::value;
      return launch(add_kernel<decltype(number), kVectors>, view, view.rows,
                    kVectors == 0 ? view.columns : 0, stream);
    });
  });
}

cudaError_t launch_separate(const SeparationView& view, cudaStream_t stream) {
  return with_type(view.storage, [&](auto number) {
    return launch(separate_kernel<decltype(number)>, view, view.groups * view.instances,
                  view.columns, stream);
  });
}

}  // namespace prumux::runtime
