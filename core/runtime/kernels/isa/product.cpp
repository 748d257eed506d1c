#include "core/runtime/kernels/isa/arithmetic.h"
#include "core/runtime/kernels/isa/declarations.h"

namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA {
namespace {

template <typename Arithmetic>
inline Floats finish(Floats sum, Floats before, Epilogue epilogue) {
  switch (epilogue) {
    case Epilogue::gelu:
      return Arithmetic::kIsExact ? gelu_of(sum) : coarse_gelu_of(sum);
    case Epilogue::add:
      return before + sum;
    default:
      return sum;
  }
}

/// Sums as numbers, without the bias.
template <typename Arithmetic>
inline Floats value_of(Floats sum, const PackedMatrix&, std::size_t, const float*) {
  return sum;
}

template <typename Arithmetic>
inline Floats value_of(Ints sum, const PackedMatrix& matrix, std::size_t row,
                       const float* token_scales) {
  if constexpr (Arithmetic::kSumsOffset) sum -= matrix.corrections()[row];
  return __builtin_convertvector(sum, Floats) * matrix.scales()[row] * load_floats(token_scales);
}

/// One block of rows with one panel.
template <typename Arithmetic, Epilogue kEpilogue>
void multiply_block(const Product& product, std::size_t row, std::size_t rows, std::size_t panel) {
  using Element = typename Arithmetic::Element;
  const PackedMatrix& matrix = *product.matrix;
  const auto* weights = reinterpret_cast<const Element*>(matrix.block(row));
  const auto* input =
      reinterpret_cast<const Element*>(product.input + panel * product.input_stride);
  float* output = product.output + panel * product.output_stride;
  const float* scales = product.token_scales + panel * kPanelTokens;
  const std::size_t steps = matrix.steps();
  for_each_tile(row, rows, panel_columns(product.tokens, panel),
                [&](auto tile_rows, auto tile_vectors, std::size_t first, std::size_t column) {
                  constexpr int kRows = decltype(tile_rows)::value;
                  constexpr int kVectors = decltype(tile_vectors)::value;
                  typename Arithmetic::Sum sums[kRows][kVectors];
                  multiply_tile<Arithmetic, kRows, kVectors>(weights, {1, kRows}, input + column,
                                                             kPanelTokens, steps, sums);
#pragma GCC unroll 8
                  for (int r = 0; r < kRows; ++r) {
                    const std::size_t current = first + static_cast<std::size_t>(r);
                    float* to = output + current * kPanelTokens + column;
#pragma GCC unroll 4
                    for (int v = 0; v < kVectors; ++v) {
                      const std::size_t lane = static_cast<std::size_t>(v) * kLanes;
                      const Floats sum = value_of<Arithmetic>(sums[r][v], matrix, current,
                                                              scales + column + lane) +
                                         matrix.bias()[current];
                      const Floats before =
                          kEpilogue == Epilogue::add ? load_floats(to + lane) : Floats{};
                      store(to + lane, finish<Arithmetic>(sum, before, kEpilogue));
                    }
                  }
                });
}

template <typename Arithmetic, Epilogue kEpilogue>
void multiply_all(const Product& product) {
  const std::size_t rows = product.matrix->rows();
  const std::size_t panels = panel_count(product.tokens);
  // A block of weights stays in the first cache while the panels pass by.
  for (std::size_t row = 0; row < rows; row += PackedMatrix::kRowBlock) {
    const std::size_t left = rows - row;
    const std::size_t block_rows = left < PackedMatrix::kRowBlock ? left : PackedMatrix::kRowBlock;
    for (std::size_t panel = 0; panel < panels; ++panel) {
      multiply_block<Arithmetic, kEpilogue>(product, row, block_rows, panel);
    }
  }
}

template <typename Arithmetic>
void multiply_as(const Product& product) {
  switch (product.epilogue) {
    case Epilogue::store:
      return multiply_all<Arithmetic, Epilogue::store>(product);
    case Epilogue::gelu:
      return multiply_all<Arithmetic, Epilogue::gelu>(product);
    case Epilogue::add:
      return multiply_all<Arithmetic, Epilogue::add>(product);
  }
}

}  // namespace

void multiply(const Product& product) {
  static_assert(PackedMatrix::kRowBlock == kTileRows);
  switch (product.matrix->format()) {
    case NumberFormat::float32:
      return multiply_as<Float32Arithmetic>(product);
    case NumberFormat::bfloat16:
      return multiply_as<Bfloat16Arithmetic>(product);
    case NumberFormat::int8:
      return multiply_as<Int8Arithmetic>(product);
    case NumberFormat::widened_int8:
      return multiply_as<WidenedInt8Arithmetic>(product);
  }
}

}  // namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA
