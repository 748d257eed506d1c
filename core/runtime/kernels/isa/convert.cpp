#include "core/runtime/kernels/isa/declarations.h"
#include "core/runtime/kernels/isa/vector.h"

namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA {
namespace {

/// The panel's features at one vector of tokens; zero behind the last feature.
struct Column {
  const float* first;
  std::size_t features;

  Floats operator[](std::size_t feature) const {
    return feature < features ? load_floats(first + feature * kPanelTokens) : Floats{};
  }
};

void copy(const Column& column, std::uint32_t* output) {
  for (std::size_t f = 0; f < column.features; ++f) {
    store(output + f * kPanelTokens, reinterpret<Words>(column[f]));
  }
}

void convert_to_bfloat16(const Column& column, std::uint32_t* output, std::size_t stride) {
  for (std::size_t f = 0; f < column.features; f += 2, output += stride) {
    store(output, pair_of(column[f], column[f + 1]));
  }
}

/// Symmetric, with one scale a token.
struct Quantisation {
  Floats scale;
  Floats inverse;
};

Quantisation quantisation_of(const Column& column) {
  Floats largest = {};
  for (std::size_t f = 0; f < column.features; ++f) {
    largest = maximum(absolute(column[f]), largest);
  }
  return {largest * (1.0F / 127.0F), select(largest > 1e-30F, 127.0F / largest, Floats{})};
}

/// Shifted by 128 to unsigned bytes.
void convert_to_int8(const Column& column, std::uint32_t* output, std::size_t stride,
                     float* scales) {
  const Quantisation quantisation = quantisation_of(column);
  store(scales, quantisation.scale);
  // 1.5 * 2^23 + 128: the sum's last byte is the rounded number, shifted.
  constexpr float kShift = 12583040.0F;
  const auto bits = [&](std::size_t feature) {
    return reinterpret<Words>(column[feature] * quantisation.inverse + kShift);
  };
  for (std::size_t f = 0; f < column.features; f += 4, output += stride) {
    store(output, (bits(f) & 0xFFU) | ((bits(f + 1) & 0xFFU) << 8) | ((bits(f + 2) & 0xFFU) << 16) |
                      (bits(f + 3) << 24));
  }
}

void convert_to_widened_int8(const Column& column, std::uint32_t* output, float* scales) {
  const Quantisation quantisation = quantisation_of(column);
  store(scales, quantisation.scale);
  constexpr float kShift = 12582912.0F;  // 1.5 * 2^23: the sum's last bits are the rounded number
  const auto bits = [&](std::size_t feature) {
    return reinterpret<Words>(column[feature] * quantisation.inverse + kShift);
  };
  for (std::size_t f = 0; f < column.features; f += 2, output += kPanelTokens) {
    store(output, (bits(f) & 0xFFFFU) | (bits(f + 1) << 16));
  }
}

/// A tiled format's elements lie block by block of tokens. Those that the last tile has behind the
/// last feature are zero: no number, left there, would stay none times zero.
void convert_tiled(const Conversion& conversion, const Column& column, std::uint32_t* output,
                   float* scales) {
  const std::size_t count = element_count(conversion.format, conversion.features);
  if (conversion.format == NumberFormat::tiled_bfloat16) {
    convert_to_bfloat16(column, output, kTileSize);
  } else {
    convert_to_int8(column, output, kTileSize, scales);
  }
  const std::size_t per_element = features_per_element(conversion.format);
  for (std::size_t k = (conversion.features + per_element - 1) / per_element; k < count; ++k) {
    store(output + k * kTileSize, Words{});
  }
}

}  // namespace

void convert(const Conversion& conversion) {
  for (std::size_t panel = 0; panel < panel_count(conversion.tokens); ++panel) {
    const float* input = conversion.input + panel * conversion.input_stride;
    std::uint32_t* output = conversion.output + panel * conversion.output_stride;
    const std::size_t columns = panel_columns(conversion.tokens, panel);
    for (std::size_t column = 0; column < columns; column += kLanes) {
      const Column source{input + column, conversion.features};
      float* scales = conversion.token_scales + panel * kPanelTokens + column;
      switch (conversion.format) {
        case NumberFormat::float32:
          copy(source, output + column);
          break;
        case NumberFormat::bfloat16:
          convert_to_bfloat16(source, output + column, kPanelTokens);
          break;
        case NumberFormat::int8:
          convert_to_int8(source, output + column, kPanelTokens, scales);
          break;
        case NumberFormat::widened_int8:
          convert_to_widened_int8(source, output + column, scales);
          break;
        case NumberFormat::tiled_bfloat16:
        case NumberFormat::tiled_int8:
          convert_tiled(conversion, source,
                        output + column * element_count(conversion.format, conversion.features),
                        scales);
          break;
      }
    }
  }
}

}  // namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA
