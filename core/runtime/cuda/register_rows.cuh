#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <cstdint>

#include "core/runtime/cuda/warp_team.cuh"
#include "core/runtime/device/row_code.h"

// The row code with a row's columns in the registers of a warp: each lane has up to four vectors of
// eight, so that tables are read in whole vectors and no sum waits for shared memory.

namespace prumux::runtime {

/// Columns that a lane reads at a time.
constexpr int kVector = 8;
/// Widest row that fits: four vectors a lane.
constexpr std::int64_t kRegisterColumns = 4 * kWarpSize * kVector;

__device__ inline void load_vector(const float* from, float* to) {
  const float4 low = reinterpret_cast<const float4*>(from)[0];
  const float4 high = reinterpret_cast<const float4*>(from)[1];
  to[0] = low.x;
  to[1] = low.y;
  to[2] = low.z;
  to[3] = low.w;
  to[4] = high.x;
  to[5] = high.y;
  to[6] = high.z;
  to[7] = high.w;
}

/// Numbers of 16 bits.
template <typename T>
__device__ inline void load_vector(const T* from, float* to) {
  const uint4 bits = *reinterpret_cast<const uint4*>(from);
  const T* const numbers = reinterpret_cast<const T*>(&bits);
#pragma unroll
  for (int i = 0; i < kVector; ++i) to[i] = static_cast<float>(numbers[i]);
}

__device__ inline void store_vector(const float* from, float* to) {
  reinterpret_cast<float4*>(to)[0] = make_float4(from[0], from[1], from[2], from[3]);
  reinterpret_cast<float4*>(to)[1] = make_float4(from[4], from[5], from[6], from[7]);
}

template <typename T>
__device__ inline void store_vector(const float* from, T* to) {
  uint4 bits;
  T* const numbers = reinterpret_cast<T*>(&bits);
#pragma unroll
  for (int i = 0; i < kVector; ++i) numbers[i] = static_cast<T>(from[i]);
  *reinterpret_cast<uint4*>(to) = bits;
}

/// What LayerNorm subtracts and multiplies by.
struct RowMoments {
  float mean = 0.0F;
  float scale = 0.0F;
};

/// A lane's share of a row: vectors lane, lane + 32, ... Columns behind the row's end are zero.
template <int kVectors>
struct LaneColumns {
  float x[kVectors][kVector] = {};

  /// First column of the lane's vector.
  __device__ static std::int64_t column(int vector) {
    return (static_cast<std::int64_t>(vector) * kWarpSize + threadIdx.x) * kVector;
  }

  /// Adds those of a row whose vectors end at `stride`.
  template <typename T>
  __device__ void add(const T* row, std::int64_t stride) {
#pragma unroll
    for (int v = 0; v < kVectors; ++v) {
      if (column(v) >= stride) continue;
      float more[kVector];
      load_vector(row + column(v), more);
#pragma unroll
      for (int i = 0; i < kVector; ++i) x[v][i] += more[i];
    }
  }

  /// Calls `work` for each of the lane's vectors of a row that ends at `stride`, with the vector's
  /// index, its first column, and the norm's weight and bias there.
  template <typename Work>
  __device__ static void with_norm(const NormView& norm, std::int64_t stride, const Work& work) {
#pragma unroll
    for (int v = 0; v < kVectors; ++v) {
      if (column(v) >= stride) continue;
      float weight[kVector];
      float bias[kVector];
      load_vector(norm.weight + column(v), weight);
      load_vector(norm.bias + column(v), bias);
      work(v, column(v), weight, bias);
    }
  }

  __device__ RowMoments moments(std::int64_t columns, float epsilon) const {
    float sum = 0.0F;
#pragma unroll
    for (int v = 0; v < kVectors; ++v) {
#pragma unroll
      for (int i = 0; i < kVector; ++i) sum += x[v][i];
    }
    const float mean = WarpTeam{}.sum(sum) / static_cast<float>(columns);
    float squares = 0.0F;
#pragma unroll
    for (int v = 0; v < kVectors; ++v) {
#pragma unroll
      for (int i = 0; i < kVector; ++i) {
        const float distance = column(v) + i < columns ? x[v][i] - mean : 0.0F;
        squares += distance * distance;
      }
    }
    const float variance = WarpTeam{}.sum(squares) / static_cast<float>(columns);
    return {mean, 1.0F / sqrtf(variance + epsilon)};
  }
};

/// As `add_row`; rows and the norm's tables in whole vectors.
template <typename T, int kVectors>
__device__ void add_row_in_registers(const AdditionView& view, std::int64_t row) {
  LaneColumns<kVectors> sums;
  sums.add(static_cast<const T*>(view.residual) + row * view.stride, view.stride);
  sums.add(static_cast<const T*>(view.update) + row * view.stride, view.stride);
  const RowMoments moments = sums.moments(view.columns, view.norm.epsilon);
  T* const result = static_cast<T*>(view.result) + row * view.stride;
  const auto normalise = [&](int v, std::int64_t column, const float* weight, const float* bias) {
#pragma unroll
    for (int i = 0; i < kVector; ++i) {
      sums.x[v][i] = (sums.x[v][i] - moments.mean) * moments.scale * weight[i] + bias[i];
    }
    store_vector(sums.x[v], result + column);
  };
  sums.with_norm(view.norm, view.stride, normalise);
}

/// As `mix_row`, for tables in whole vectors: the first norm's weight and bias are the same for all
/// instances, and wait until their products are summed. `sums` [d] and `mixed` [d'] are the warp's.
template <typename T, int kVectors>
__device__ void mix_row_in_registers(const MixView& view, std::int64_t row, float* sums,
                                     float* mixed) {
  constexpr unsigned int kAllLanes = 0xffffffffU;
  const std::int64_t group = row / view.length;
  const std::int64_t place = row % view.length;
  const T* const word = static_cast<const T*>(view.word);
  const T* const position = static_cast<const T*>(view.position);
  LaneColumns<kVectors> products;
  LaneColumns<kVectors> factors;
  std::int64_t counted = 0;
  for (std::int64_t first = 0; first < view.instances; first += kWarpSize) {
    // Each lane asks for one instance's token, so that no row waits for its own.
    const std::int64_t own = first + threadIdx.x;
    const std::int64_t token = (group * view.instances + own) * view.length + place;
    const bool counts =
        own < view.instances && (view.counted == nullptr || view.counted[token] != 0);
    const std::int64_t own_id = counts ? view.input_ids[token] : 0;
    const std::int64_t own_position = counts ? view.positions[token] : 0;
    const unsigned int counting = __ballot_sync(kAllLanes, counts);
    counted += __popc(counting);
    for (unsigned int left = counting; left != 0; left &= left - 1) {
      const int lane = __ffs(static_cast<int>(left)) - 1;
      LaneColumns<kVectors> embedded;
      embedded.add(word + __shfl_sync(kAllLanes, own_id, lane) * view.columns, view.columns);
      embedded.add(position + __shfl_sync(kAllLanes, own_position, lane) * view.columns,
                   view.columns);
      embedded.add(view.token_type, view.columns);
      const RowMoments moments = embedded.moments(view.columns, view.first_norm.epsilon);
      const float* const own_factors = view.factors + (first + lane) * view.columns;
#pragma unroll
      for (int v = 0; v < kVectors; ++v) {
        if (embedded.column(v) >= view.columns) continue;
        float factor[kVector];
        load_vector(own_factors + embedded.column(v), factor);
#pragma unroll
        for (int i = 0; i < kVector; ++i) {
          products.x[v][i] += factor[i] * ((embedded.x[v][i] - moments.mean) * moments.scale);
          factors.x[v][i] += factor[i];
        }
      }
    }
  }
  const auto share = [&](int v, std::int64_t column, const float* weight, const float* bias) {
#pragma unroll
    for (int i = 0; i < kVector; ++i) {
      sums[column + i] = products.x[v][i] * weight[i] + factors.x[v][i] * bias[i];
    }
  };
  products.with_norm(view.first_norm, view.columns, share);
  __syncwarp();
  finish_mix<T>(WarpTeam{}, view, row, counted, sums, mixed);
}

}  // namespace prumux::runtime
