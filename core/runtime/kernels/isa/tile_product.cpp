#include "core/runtime/kernels/isa/declarations.h"
#include "core/runtime/kernels/isa/tile_epilogue.h"
#include "core/runtime/kernels/isa/tile_registers.h"

namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA {
namespace {

constexpr std::size_t kBlock = 2 * kTileSize;

/// One product, block by block of two by two tiles. A block's sums become results between the
/// products of the next one: tiles and vectors are different units of the processor.
template <typename Tiles, Epilogue kEpilogue>
class TileProduct {
 public:
  explicit TileProduct(const Product& product)
      : product_(product),
        matrix_(*product.matrix),
        tiles_(matrix_.steps() / kTileSize),
        stride_(tiles_ * kTileElements) {}

  void run() {
    if (product_.tokens == 0) return;
    const TileRegisters registers;
    const std::size_t rows = matrix_.rows();
    const std::size_t column_blocks = (product_.tokens + kBlock - 1) / kBlock;
    // Two rows of tiles of weights are near while the tokens pass by.
    for (std::size_t row = 0; row < rows; row += kBlock) {
      const bool is_last = row + kBlock >= rows;
      weights_ahead_ = is_last ? nullptr : matrix_.block(row + kBlock);
      lines_ahead_ = is_last ? 0 : (kBlock + column_blocks - 1) / column_blocks;
      for (std::size_t panel = 0; panel < panel_count(product_.tokens); ++panel) {
        const std::size_t columns = panel_columns(product_.tokens, panel);
        for (std::size_t column = 0; column < columns; column += kBlock) {
          const bool two_columns = column + kTileSize < columns;
          if (row + kTileSize < rows) {
            two_columns ? compute<2, 2>(row, panel, column) : compute<2, 1>(row, panel, column);
          } else {
            two_columns ? compute<1, 2>(row, panel, column) : compute<1, 1>(row, panel, column);
          }
        }
      }
    }
    Epilogues(product_).finish(waiting_, kBlock);
  }

 private:
  using Epilogues = TileEpilogue<Tiles, kEpilogue>;
  using Sum = typename Tiles::Sum;

  template <int kRows, int kColumns>
  void compute(std::size_t row, std::size_t panel, std::size_t column) {
    const TileOperands operands{
        matrix_.block(row), stride_,
        product_.input + panel * product_.input_stride + column / kTileSize * stride_, stride_};
    // Copies stay in registers.
    TileSums<Sum> waiting = waiting_;
    const std::uint32_t* ahead = weights_ahead_;
    const std::size_t lines = lines_ahead_;
    const Epilogues epilogue(product_);
    const std::size_t left = waiting.end - waiting.row;
    const std::size_t share = tiles_ == 0 ? 0 : (left / Epilogues::kRows + tiles_ - 1) / tiles_;
    multiply_tiles<Tiles, kRows, kColumns>(operands, tiles_, [&] {
      for (std::size_t line = 0; line < lines; ++line, ahead += kTileSize) {
        __builtin_prefetch(ahead, 0, 2);
      }
      epilogue.finish(waiting, share);
    });
    epilogue.finish(waiting, kBlock);
    weights_ahead_ = ahead;
    Sum* const sums = sums_[turn_];
    turn_ = 1 - turn_;
    TileSumRegisters<Tiles, kRows, kColumns>::store(sums, 2 * kTileElements, kTileElements);
    waiting_ = place(row, panel, column);
    waiting_.sums = sums;
    waiting_.two_columns = kColumns == 2;
  }

  /// Where the results of a block belong.
  TileSums<Sum> place(std::size_t row, std::size_t panel, std::size_t column) const {
    TileSums<Sum> place;
    place.row = row;
    place.token_scales = product_.token_scales + panel * kPanelTokens + column;
    if constexpr (kEpilogue == Epilogue::gelu_operands) {
      place.end = row + kBlock;
      place.operands = product_.operands + panel * product_.output_stride +
                       column * element_count(matrix_.format(), matrix_.rows()) +
                       part_position(Tiles::kFormat, row / 2, 0) * kTileSize;
    } else {
      place.end = row + kBlock < matrix_.rows() ? row + kBlock : matrix_.rows();
      place.output = product_.output + panel * product_.output_stride + row * kPanelTokens + column;
    }
    return place;
  }

  const Product& product_;
  const PackedMatrix& matrix_;
  const std::size_t tiles_;   ///< Of a row of weights, and of a column of tokens.
  const std::size_t stride_;  ///< Their elements.
  TileSums<Sum> waiting_;
  const std::uint32_t* weights_ahead_ = nullptr;  ///< To be brought into the second cache.
  std::size_t lines_ahead_ = 0;                   ///< Of them with each tile.
  std::size_t turn_ = 0;
  alignas(64) Sum sums_[2][2 * 2 * kTileElements];
};

template <typename Tiles>
void multiply_as(const Product& product) {
  switch (product.epilogue) {
    case Epilogue::store:
      return TileProduct<Tiles, Epilogue::store>(product).run();
    case Epilogue::gelu:
      return TileProduct<Tiles, Epilogue::gelu>(product).run();
    case Epilogue::add:
      return TileProduct<Tiles, Epilogue::add>(product).run();
    case Epilogue::gelu_operands:
      if constexpr (!is_quantised(Tiles::kFormat)) {
        TileProduct<Tiles, Epilogue::gelu_operands>(product).run();
      }
      return;
  }
}

}  // namespace

void multiply_in_tiles(const Product& product) {
  static_assert(kTileSize == kLanes && kPanelTokens % kBlock == 0);
  switch (product.matrix->format()) {
    case NumberFormat::tiled_float32:
      return multiply_as<Float32Tiles>(product);
    case NumberFormat::tiled_bfloat16:
      return multiply_as<Bfloat16Tiles>(product);
    default:
      return multiply_as<Int8Tiles>(product);
  }
}

}  // namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA
