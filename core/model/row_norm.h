#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "core/model/norm_loops.h"
#include "core/model/row_blocks.h"

namespace prumux::model {

/// LayerNorm of rows that are made when they are needed and kept nowhere, forwards and backwards.
/// Float32 on the CPU; on all threads, with the same result for any number of them.
class RowNorm {
 public:
  /// `rows` rows; weight and bias [d] are kept alive.
  RowNorm(const at::Tensor& weight, const at::Tensor& bias, std::int64_t rows)
      : weight_(weight.contiguous()), bias_(bias.contiguous()), rows_(rows) {}

  std::int64_t width() const { return weight_.size(0); }

  /// `read(row, x, scratch)` makes a row, `place(row, scratch)` says where its LayerNorm is to be,
  /// and `finish(row, y)` is called when it is there. Returns the rows' moments, for `backward`.
  template <typename Read, typename Place, typename Finish>
  at::Tensor forward(double eps, const Read& read, const Place& place, const Finish& finish) const {
    at::Tensor moments = at::empty({rows_, 2}, weight_.options());
    const float* const weight = weight_.const_data_ptr<float>();
    const float* const bias = bias_.const_data_ptr<float>();
    for_row_blocks(rows_, [&](std::int64_t begin, std::int64_t end) {
      std::vector<float> row(static_cast<std::size_t>(width()));
      std::vector<float> scratch(row.size());
      for (std::int64_t r = begin; r < end; ++r) {
        read(r, row.data(), scratch.data());
        const Moments of_row = moments_of(row.data(), width(), static_cast<float>(eps));
        put(moments, r, of_row);
        float* const normal = place(r, scratch.data());
        normalise(row.data(), of_row, weight, bias, width(), normal);
        finish(r, normal);
      }
    });
    return moments;
  }

  struct Gradients {
    at::Tensor weight;
    at::Tensor bias;
  };

  /// `read` makes the row again, `gradient(row, scratch)` returns the gradient of its LayerNorm,
  /// `place(row)` says where that of the row is to be, and `finish(row, g, scratch)` is called when
  /// it is there.
  template <typename Read, typename Gradient, typename Place, typename Finish>
  Gradients backward(const at::Tensor& moments, const Read& read, const Gradient& gradient,
                     const Place& place, const Finish& finish) const {
    const at::Tensor sums = at::zeros({count_row_blocks(rows_), 2, width()}, weight_.options());
    const float* const weight = weight_.const_data_ptr<float>();
    for_row_blocks(rows_, [&](std::int64_t begin, std::int64_t end) {
      std::vector<float> row(static_cast<std::size_t>(width()));
      std::vector<float> scratch(row.size());
      float* const of_weight = sums.mutable_data_ptr<float>() + begin / kRowsPerBlock * 2 * width();
      for (std::int64_t r = begin; r < end; ++r) {
        read(r, row.data(), scratch.data());
        float* const of_row = place(r);
        normalise_backward(row.data(), get(moments, r), weight, gradient(r, scratch.data()),
                           width(), of_row, of_weight, of_weight + width());
        finish(r, of_row, scratch.data());
      }
    });
    const at::Tensor total = sums.sum(0);
    return {total[0], total[1]};
  }

 private:
  static void put(at::Tensor& moments, std::int64_t row, Moments values) {
    float* const to = moments.mutable_data_ptr<float>() + 2 * row;
    to[0] = values.mean;
    to[1] = values.inverse_deviation;
  }
  static Moments get(const at::Tensor& moments, std::int64_t row) {
    const float* const from = moments.const_data_ptr<float>() + 2 * row;
    return {from[0], from[1]};
  }

  at::Tensor weight_;
  at::Tensor bias_;
  std::int64_t rows_;
};

}  // namespace prumux::model
