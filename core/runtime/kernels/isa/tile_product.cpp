#include "core/runtime/kernels/isa/declarations.h"
#include "core/runtime/kernels/isa/epilogue.h"
#include "core/runtime/kernels/isa/tile_registers.h"

namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA {
namespace {

/// The numbers that tiles of sums are stored in, and vectors of them.
template <typename Tiles>
struct SumsOf;
template <>
struct SumsOf<Bfloat16Tiles> {
  using Element = float;
  using Vector = Floats;
};
template <>
struct SumsOf<Int8Tiles> {
  using Element = std::int32_t;
  using Vector = Ints;
};

/// One panel's operands and results.
template <typename Tiles, Epilogue kEpilogue>
class PanelProduct {
 public:
  PanelProduct(const Product& product, std::size_t panel)
      : matrix_(*product.matrix),
        input_(product.input + panel * product.input_stride),
        output_(product.output + panel * product.output_stride),
        token_scales_(product.token_scales + panel * kPanelTokens) {}

  template <int kRowTiles, int kColumnTiles>
  void compute(std::size_t row, std::size_t column) const {
    const std::size_t stride = kTileSize * matrix_.steps();
    const TileOperands operands{matrix_.block(row), stride, input_ + column * matrix_.steps(),
                                stride};
    multiply_tiles<Tiles, kRowTiles, kColumnTiles>(operands, matrix_.steps() / kTileSize);
    alignas(64) Element sums[kRowTiles * kColumnTiles * kTileElements];
    store_tiles<kRowTiles, kColumnTiles>(sums, kColumnTiles * kTileElements, kTileElements);
    for (int r = 0; r < kRowTiles; ++r) {
      const std::size_t first = row + static_cast<std::size_t>(r) * kTileSize;
      const std::size_t left = matrix_.rows() - first;
      finish_rows<kColumnTiles>(sums + r * kColumnTiles * static_cast<int>(kTileElements), first,
                                left < kTileSize ? left : kTileSize, column);
    }
  }

 private:
  using Element = typename SumsOf<Tiles>::Element;
  using Vector = typename SumsOf<Tiles>::Vector;

  template <int kColumnTiles>
  void finish_rows(const Element* sums, std::size_t first, std::size_t rows,
                   std::size_t column) const {
    for (std::size_t r = 0; r < rows; ++r) {
      const std::size_t row = first + r;
      const float bias = matrix_.bias()[row];
      for (std::size_t c = 0; c < kColumnTiles; ++c) {
        const std::size_t at = column + c * kTileSize;
        const auto sum = load<Vector>(sums + c * kTileElements + r * kTileSize);
        finish<kEpilogue, false>(value_of<true>(sum, matrix_, row, token_scales_ + at) + bias,
                                 output_ + row * kPanelTokens + at);
      }
    }
  }

  const PackedMatrix& matrix_;
  const std::uint32_t* input_;
  float* output_;
  const float* token_scales_;
};

template <int kRowTiles, typename Panel>
void compute_rows(const Panel& panel, std::size_t row, std::size_t columns) {
  std::size_t column = 0;
  for (; column + 2 * kTileSize <= columns; column += 2 * kTileSize) {
    panel.template compute<kRowTiles, 2>(row, column);
  }
  if (column < columns) panel.template compute<kRowTiles, 1>(row, column);
}

template <typename Tiles, Epilogue kEpilogue>
void multiply_all(const Product& product) {
  const TileRegisters registers;
  const std::size_t rows = product.matrix->rows();
  for (std::size_t row = 0; row < rows; row += 2 * kTileSize) {
    for (std::size_t panel = 0; panel < panel_count(product.tokens); ++panel) {
      const PanelProduct<Tiles, kEpilogue> part(product, panel);
      const std::size_t columns = panel_columns(product.tokens, panel);
      if (row + kTileSize < rows) {
        compute_rows<2>(part, row, columns);
      } else {
        compute_rows<1>(part, row, columns);
      }
    }
  }
}

template <typename Tiles>
void multiply_as(const Product& product) {
  switch (product.epilogue) {
    case Epilogue::store:
      return multiply_all<Tiles, Epilogue::store>(product);
    case Epilogue::gelu:
      return multiply_all<Tiles, Epilogue::gelu>(product);
    case Epilogue::add:
      return multiply_all<Tiles, Epilogue::add>(product);
  }
}

}  // namespace

void multiply_in_tiles(const Product& product) {
  static_assert(kTileSize == kLanes && kPanelTokens % (2 * kTileSize) == 0);
  if (product.matrix->format() == NumberFormat::tiled_bfloat16) {
    multiply_as<Bfloat16Tiles>(product);
  } else {
    multiply_as<Int8Tiles>(product);
  }
}

}  // namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA
