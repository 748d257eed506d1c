#include "core/model/residual_norm.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cstdint>

#include "core/model/dropout.h"
#include "core/model/first_derivative.h"
#include "core/model/loops.h"
#include "core/model/row_norm.h"

namespace prumux::model {
namespace {

/// Rows of float32 or bfloat16, read and written as float32.
class Rows {
 public:
  explicit Rows(const at::Tensor& tensor)
      : data_(tensor.data_ptr()),
        width_(tensor.size(-1)),
        few_bits_(tensor.scalar_type() == at::kBFloat16) {}

  /// In place, or in `scratch`.
  const float* read(std::int64_t row, float* scratch) const {
    if (!few_bits_) return whole(row);
    from_bfloat16(half(row), width_, scratch);
    return scratch;
  }

  /// Where a row is to be written that `write` then takes from there.
  float* place(std::int64_t row, float* scratch) const { return few_bits_ ? scratch : whole(row); }
  void write(std::int64_t row, const float* values) const {
    if (few_bits_) to_bfloat16(values, width_, half(row));
  }

 private:
  float* whole(std::int64_t row) const { return static_cast<float*>(data_) + row * width_; }
  std::uint16_t* half(std::int64_t row) const {
    return static_cast<std::uint16_t*>(data_) + row * width_;
  }

  void* data_;
  std::int64_t width_;
  bool few_bits_;
};

/// residual + dropout(update), row by row.
class Sums {
 public:
  Sums(const at::Tensor& residual, const at::Tensor& update, const DropoutDraw& dropped)
      : residual_(residual), update_(update), dropped_(dropped), width_(residual.size(-1)) {}

  void read(std::int64_t row, float* result, float* scratch) const {
    dropped_.apply(update_.read(row, scratch), width_, row * width_, result);
    add_row(residual_.read(row, nullptr), width_, result);
  }

 private:
  Rows residual_;
  Rows update_;
  DropoutDraw dropped_;
  std::int64_t width_;
};

class AddAndNormalise : public torch::autograd::Function<AddAndNormalise> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& residual,
                            const at::Tensor& update, const at::Tensor& weight,
                            const at::Tensor& bias, double eps, double dropout_probability) {
    const DropoutDraw dropped(dropout_probability);
    const Sums sums(residual, update, dropped);
    const RowNorm norm(weight, bias, residual.numel() / residual.size(-1));
    at::Tensor result = at::empty_like(residual);
    float* const to = result.mutable_data_ptr<float>();
    const at::Tensor moments = norm.forward(
        eps, [&](std::int64_t row, float* sum, float* scratch) { sums.read(row, sum, scratch); },
        [&](std::int64_t row, float*) { return to + row * norm.width(); },
        [](std::int64_t, const float*) {});
    context->save_for_backward({residual, update, weight, bias, moments});
    context->saved_data["dropout"] = dropped.save();
    return result;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& given) {
    require_first_derivative();
    const torch::autograd::variable_list saved = context->get_saved_variables();
    const DropoutDraw dropped = DropoutDraw::load(context->saved_data["dropout"]);
    const at::Tensor gradient = given[0].contiguous();
    const std::int64_t width = gradient.size(-1);
    const Sums sums(saved[0], saved[1], dropped);
    const RowNorm norm(saved[2], saved[3], gradient.numel() / width);
    const float* const from = gradient.const_data_ptr<float>();
    at::Tensor of_residual = at::empty_like(saved[0]);
    float* const to = of_residual.mutable_data_ptr<float>();
    at::Tensor of_update = at::empty_like(saved[1]);
    const Rows update_rows(of_update);
    const RowNorm::Gradients of_norm = norm.backward(
        saved[4],
        [&](std::int64_t row, float* sum, float* scratch) { sums.read(row, sum, scratch); },
        [&](std::int64_t row, float*) { return from + row * width; },
        [&](std::int64_t row) { return to + row * width; },
        [&](std::int64_t row, const float* of_sum, float* scratch) {
          float* const kept = update_rows.place(row, scratch);
          dropped.apply(of_sum, width, row * width, kept);
          update_rows.write(row, kept);
        });
    return {of_residual, of_update, of_norm.weight, of_norm.bias, at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor add_and_normalise(const at::Tensor& residual, const at::Tensor& update, const Norm& norm,
                             double eps, double dropout_probability) {
  return AddAndNormalise::apply(residual.contiguous(), update.expand_as(residual).contiguous(),
                                norm.weight, norm.bias, eps, dropout_probability);
}

}  // namespace prumux::model
