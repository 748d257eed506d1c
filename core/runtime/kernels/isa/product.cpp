#include "core/runtime/kernels/isa/arithmetic.h"
#include "core/runtime/kernels/isa/declarations.h"
#include "core/runtime/kernels/isa/epilogue.h"

namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA {
namespace {

/// What a product makes of a tile's sums.
template <typename Arithmetic, Epilogue kEpilogue, int Rows, int Vectors>
[[gnu::always_inline]] inline void finish_tile(
    const typename Arithmetic::Sum (&sums)[Rows][Vectors], const RowTerms& terms, std::size_t row,
    const float* token_scales, float* output) {
#pragma GCC unroll 8
  for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) {
      const std::size_t lane = static_cast<std::size_t>(v) * kLanes;
      const Floats value =
          value_of<Arithmetic::kFormat>(sums[r][v], terms, row, token_scales + lane);
      finish<kEpilogue, is_float32(Arithmetic::kFormat)>(value, output + lane);
    }
    ++row;
    output += kPanelTokens;
  }
}

/// The same as elements of another product. An odd last row gets zeros beside it.
template <typename Arithmetic, int Rows, int Vectors>
[[gnu::always_inline]] inline void finish_pairs(
    const typename Arithmetic::Sum (&sums)[Rows][Vectors], const RowTerms& terms, std::size_t row,
    std::uint32_t* output) {
#pragma GCC unroll 4
  for (int r = 0; r < Rows; r += 2) {
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) {
      const auto value = [&](int next) {
        if (r + next >= Rows) return Floats{};
        return value_of<Arithmetic::kFormat>(sums[r + next][v], terms,
                                             row + static_cast<std::size_t>(next), nullptr);
      };
      store(output + static_cast<std::size_t>(v) * kLanes,
            gelu_pair_of<Arithmetic::kFormat>(value(0), value(1)));
    }
    row += 2;
    output += kPanelTokens;
  }
}

/// One block of rows with one panel.
template <typename Arithmetic, Epilogue kEpilogue>
void multiply_block(const Product& product, std::size_t row, std::size_t rows, std::size_t panel) {
  using Element = typename Arithmetic::Element;
  const PackedMatrix& matrix = *product.matrix;
  const auto* weights = reinterpret_cast<const Element*>(matrix.block(row));
  const auto* input =
      reinterpret_cast<const Element*>(product.input + panel * product.input_stride);
  const std::size_t output_begin = panel * product.output_stride;
  const float* scales = product.token_scales + panel * kPanelTokens;
  const std::size_t steps = matrix.steps();
  // The next block comes from far away: ask for it while this one is multiplied for the last time.
  const bool is_last = panel + 1 == panel_count(product.tokens);
  const std::size_t ahead = is_last ? PackedMatrix::kRowBlock * steps : 0;
  for_each_tile(row, rows, panel_columns(product.tokens, panel),
                [&](auto tile_rows, auto tile_vectors, std::size_t first, std::size_t column) {
                  constexpr int kRows = decltype(tile_rows)::value;
                  constexpr int kVectors = decltype(tile_vectors)::value;
                  typename Arithmetic::Sum sums[kRows][kVectors];
                  multiply_tile<Arithmetic, kRows, kVectors>(
                      weights, {1, kRows, ahead}, input + column, kPanelTokens, steps, sums);
                  const RowTerms terms(matrix);
                  if constexpr (kEpilogue == Epilogue::gelu_operands) {
                    finish_pairs<Arithmetic>(
                        sums, terms, first,
                        product.operands + output_begin + first / 2 * kPanelTokens + column);
                  } else {
                    finish_tile<Arithmetic, kEpilogue>(
                        sums, terms, first, scales + column,
                        product.output + output_begin + first * kPanelTokens + column);
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
    case Epilogue::gelu_operands:
      if constexpr (has_pairs(Arithmetic::kFormat)) {
        return multiply_all<Arithmetic, Epilogue::gelu_operands>(product);
      }
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
#if defined(__AVX512FP16__)
    case NumberFormat::float16:
      return multiply_as<Float16Arithmetic>(product);
#endif
    case NumberFormat::int8:
      return multiply_as<Int8Arithmetic>(product);
    case NumberFormat::widened_int8:
      return multiply_as<WidenedInt8Arithmetic>(product);
    default:
#if defined(__AMX_TILE__)
      multiply_in_tiles(product);
#endif
      return;
  }
}

}  // namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA
