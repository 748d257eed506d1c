#include "core/model/selected_weight.h"

#include <ATen/ATen.h>
#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "core/model/first_derivative.h"
#include "core/model/loops.h"
#include "core/model/row_blocks.h"

namespace prumux::model {
namespace {

at::ScalarType product_type() {
  const bool fewer_bits = at::autocast::is_autocast_enabled(at::kCPU) &&
                          at::autocast::get_autocast_dtype(at::kCPU) == at::kBFloat16;
  return fewer_bits ? at::kBFloat16 : at::kFloat;
}

const float* values(const at::Tensor& tensor) {
  return tensor.defined() ? tensor.const_data_ptr<float>() : nullptr;
}

/// The rows and columns of a weight that are selected.
class Places {
 public:
  Places(const at::Tensor& weight, const at::Tensor& rows, const at::Tensor& columns)
      : rows_(rows),
        every_column_(!columns.defined()),
        width_(weight.size(1)),
        num_rows_(rows.defined() ? rows.size(0) : weight.size(0)),
        num_columns_(columns.defined() ? columns.size(0) : weight.size(1)) {
    if (!columns.defined()) return;
    const std::int64_t* const first = columns.const_data_ptr<std::int64_t>();
    columns_.assign(first, first + num_columns_);
  }

  std::int64_t num_rows() const { return num_rows_; }
  std::int64_t num_columns() const { return num_columns_; }
  const std::int32_t* columns() const { return every_column_ ? nullptr : columns_.data(); }
  bool everything() const { return !rows_.defined() && every_column_; }

  /// Where the selected row `index` begins in the weight.
  std::int64_t begin_of_row(std::int64_t index) const {
    return width_ * (rows_.defined() ? rows_.const_data_ptr<std::int64_t>()[index] : index);
  }

 private:
  at::Tensor rows_;
  bool every_column_;
  std::vector<std::int32_t> columns_;
  std::int64_t width_;
  std::int64_t num_rows_;
  std::int64_t num_columns_;
};

at::Tensor selected(const at::Tensor& weight, const Places& places, const at::Tensor& row_factors,
                    const at::Tensor& column_factors, at::ScalarType type) {
  const std::int64_t width = places.num_columns();
  at::Tensor result = at::empty({places.num_rows(), width}, weight.options().dtype(type));
  const float* from = weight.const_data_ptr<float>();
  for_row_blocks(places.num_rows(), [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> row(static_cast<std::size_t>(width));
    for (std::int64_t r = begin; r < end; ++r) {
      const float factor = row_factors.defined() ? values(row_factors)[r] : 1.0F;
      float* const to =
          type == at::kFloat ? result.mutable_data_ptr<float>() + r * width : row.data();
      take_columns(from + places.begin_of_row(r), places.columns(), width, factor,
                   values(column_factors), to);
      if (type == at::kFloat) continue;
      to_bfloat16(to, width, static_cast<std::uint16_t*>(result.mutable_data_ptr()) + r * width);
    }
  });
  return result;
}

struct Gradients {
  at::Tensor weight;
  at::Tensor row_factors;
  at::Tensor column_factors;
};

/// Of the weight and the factors that are defined.
Gradients gradients_of(const at::Tensor& gradient, const at::Tensor& weight, const Places& places,
                       const at::Tensor& row_factors, const at::Tensor& column_factors) {
  const std::int64_t width = places.num_columns();
  Gradients result;
  result.weight = places.everything() ? at::empty_like(weight) : at::zeros_like(weight);
  if (row_factors.defined()) result.row_factors = at::empty_like(row_factors);
  at::Tensor column_sums;
  if (column_factors.defined()) {
    column_sums = at::zeros({count_row_blocks(places.num_rows()), width}, weight.options());
  }
  const bool is_float = gradient.scalar_type() == at::kFloat;
  for_row_blocks(places.num_rows(), [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> scratch(static_cast<std::size_t>(2 * width));
    float* const row = scratch.data();
    for (std::int64_t r = begin; r < end; ++r) {
      const float* given = scratch.data() + width;
      if (is_float) {
        given = gradient.const_data_ptr<float>() + r * width;
      } else {
        from_bfloat16(static_cast<const std::uint16_t*>(gradient.const_data_ptr()) + r * width,
                      width, scratch.data() + width);
      }
      const float factor = row_factors.defined() ? values(row_factors)[r] : 1.0F;
      const std::int64_t place = places.begin_of_row(r);
      put_columns(given, places.columns(), width, factor, values(column_factors),
                  result.weight.mutable_data_ptr<float>() + place);
      if (!row_factors.defined() && !column_factors.defined()) continue;
      take_columns(weight.const_data_ptr<float>() + place, places.columns(), width, 1.0F, nullptr,
                   row);
      if (row_factors.defined()) {
        result.row_factors.mutable_data_ptr<float>()[r] =
            weighted_product(given, row, values(column_factors), width);
      }
      if (column_factors.defined()) {
        add_product(given, row, factor, width,
                    column_sums.mutable_data_ptr<float>() + begin / kRowsPerBlock * width);
      }
    }
  });
  if (column_factors.defined()) result.column_factors = column_sums.sum(0);
  return result;
}

/// Undefined arguments come as `std::nullopt`, which is what libtorch takes.
class SelectWeight : public torch::autograd::Function<SelectWeight> {
 public:
  using Optional = std::optional<at::Tensor>;

  static Optional optional(const at::Tensor& tensor) {
    return tensor.defined() ? Optional(tensor.contiguous()) : std::nullopt;
  }

  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& weight,
                            const Optional& rows, const Optional& columns,
                            const Optional& row_factors, const Optional& column_factors) {
    const auto tensor = [](const Optional& argument) { return argument.value_or(at::Tensor()); };
    context->save_for_backward(
        {weight, tensor(rows), tensor(columns), tensor(row_factors), tensor(column_factors)});
    return selected(weight, Places(weight, tensor(rows), tensor(columns)), tensor(row_factors),
                    tensor(column_factors), product_type());
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& given) {
    require_first_derivative();
    const torch::autograd::variable_list saved = context->get_saved_variables();
    const Gradients gradients = gradients_of(
        given[0].contiguous(), saved[0], Places(saved[0], saved[1], saved[2]), saved[3], saved[4]);
    return {gradients.weight, at::Tensor(), at::Tensor(), gradients.row_factors,
            gradients.column_factors};
  }
};

}  // namespace

at::Tensor select_weight(const at::Tensor& weight, const WeightSelection& selection) {
  if (selection.trivial()) return weight;
  const auto optional = SelectWeight::optional;
  return SelectWeight::apply(weight.contiguous(), optional(selection.rows),
                             optional(selection.columns), optional(selection.row_factors),
                             optional(selection.column_factors));
}

}  // namespace prumux::model
