#include "core/runtime/kernels/isa/declarations.h"
#include "core/runtime/kernels/isa/half.h"
#include "core/runtime/kernels/isa/vector.h"

namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA {
namespace {

/// The conversion of one panel, feature by feature as they lie in memory.
class PanelConversion {
 public:
  PanelConversion(const Conversion& conversion, std::size_t panel)
      : features_(conversion.features),
        columns_(panel_columns(conversion.tokens, panel)),
        elements_(element_count(conversion.format, features_)),
        input_(conversion.input + panel * conversion.input_stride),
        output_(conversion.output + panel * conversion.output_stride),
        scales_(conversion.token_scales + panel * kPanelTokens) {
    // A tiled format's elements lie block by block of tokens.
    const bool tiled = is_tiled(conversion.format);
    step_ = tiled ? kTileSize : kPanelTokens;
    column_ = tiled ? elements_ : 1;
  }

  void copy() const {
    put_elements<1>([&](std::size_t feature, std::size_t column) {
      return reinterpret<Words>(value(feature, column));
    });
  }

  void to_bfloat16() const {
    put_elements<2>([&](std::size_t feature, std::size_t column) {
      return bfloat16_pair_of(value(feature, column), value(feature + 1, column));
    });
  }

#if defined(__AVX512FP16__)
  void to_float16() const {
    put_elements<2>([&](std::size_t feature, std::size_t column) {
      return half_pair_of(value(feature, column), value(feature + 1, column));
    });
  }
#endif

  void to_three_bfloat16() const {
    constexpr NumberFormat kFormat = NumberFormat::tiled_float32;
    for (std::size_t k = 0; k < elements_ / parts_of(kFormat); ++k) {
      for (std::size_t column = 0; column < columns_; column += kLanes) {
        Floats rest[2] = {value(2 * k, column), value(2 * k + 1, column)};
        for (std::size_t part = 0; part < parts_of(kFormat); ++part) {
          store(output_ + column * column_ + part_position(kFormat, k, part) * step_,
                take_pair(rest[0], rest[1]));
        }
      }
    }
  }

  /// Shifted by 128 to unsigned bytes.
  void to_int8() const {
    // 1.5 * 2^23 + 128: the sum's last byte is the rounded number, shifted.
    quantise<4>(12583040.0F, [](const auto& bits) {
      return (bits(0) & 0xFFU) | ((bits(1) & 0xFFU) << 8) | ((bits(2) & 0xFFU) << 16) |
             (bits(3) << 24);
    });
  }

  void to_widened_int8() const {
    // 1.5 * 2^23: the last bits are the rounded number.
    quantise<2>(12582912.0F,
                [](const auto& bits) { return (bits(0) & 0xFFFFU) | (bits(1) << 16); });
  }

 private:
  /// Zero behind the last feature.
  Floats value(std::size_t feature, std::size_t column) const {
    return feature < features_ ? load_floats(input_ + feature * kPanelTokens + column) : Floats{};
  }

  /// `make(feature, column)` gives the elements that begin with a feature. What the last tile has
  /// behind the last one is zero: NaN, left there, would be NaN times zero.
  template <std::size_t kPerElement, typename Make>
  void put_elements(const Make& make) const {
    for (std::size_t k = 0; k < elements_; ++k) {
      const std::size_t feature = k * kPerElement;
      std::uint32_t* const output = output_ + k * step_;
      for (std::size_t column = 0; column < columns_; column += kLanes) {
        store(output + column * column_, feature < features_ ? make(feature, column) : Words{});
      }
    }
  }

  /// `join(bits)` makes an element of the sums' bits of its features; `shift` brings the rounded
  /// numbers to the end of these.
  template <std::size_t kPerElement, typename Join>
  void quantise(float shift, const Join& join) const {
    Floats inverse[kPanelTokens / kLanes];
    measure(inverse);
    put_elements<kPerElement>([&](std::size_t feature, std::size_t column) {
      return join([&](std::size_t next) {
        return reinterpret<Words>(value(feature + next, column) * inverse[column / kLanes] + shift);
      });
    });
  }

  /// Symmetric, with one scale a token. Of nothing but zeros: zero. Of anything that is no number:
  /// none, so that damage shows: the bits of such are larger than those of all numbers.
  void measure(Floats* inverse) const {
    Ints largest[kPanelTokens / kLanes] = {};
    for (std::size_t f = 0; f < features_; ++f) {
      for (std::size_t column = 0; column < columns_; column += kLanes) {
        const Ints bits = reinterpret<Ints>(absolute(value(f, column)));
        Ints& most = largest[column / kLanes];
        most = bits > most ? bits : most;
      }
    }
    for (std::size_t column = 0; column < columns_; column += kLanes) {
      const Floats one = reinterpret<Floats>(largest[column / kLanes]);
      store(scales_ + column, one * (1.0F / 127.0F));
      inverse[column / kLanes] = select(one > 1e-30F, 127.0F / one, Floats{});
    }
  }

  std::size_t features_;
  std::size_t columns_;
  std::size_t elements_;  ///< Of a token.
  std::size_t step_;      ///< From an element to the next of the same token.
  std::size_t column_;    ///< From a token's to the next token's.
  const float* input_;
  std::uint32_t* output_;
  float* scales_;
};

}  // namespace

void convert(const Conversion& conversion) {
  for (std::size_t panel = 0; panel < panel_count(conversion.tokens); ++panel) {
    const PanelConversion part(conversion, panel);
    switch (conversion.format) {
      case NumberFormat::float32:
        part.copy();
        break;
      case NumberFormat::bfloat16:
        part.to_bfloat16();
        break;
#if defined(__AVX512FP16__)
      case NumberFormat::float16:
        part.to_float16();
        break;
#endif
      case NumberFormat::int8:
        part.to_int8();
        break;
      case NumberFormat::widened_int8:
        part.to_widened_int8();
        break;
#if defined(__AMX_TILE__)
      case NumberFormat::tiled_float32:
        part.to_three_bfloat16();
        break;
      case NumberFormat::tiled_bfloat16:
        part.to_bfloat16();
        break;
      case NumberFormat::tiled_int8:
        part.to_int8();
        break;
#endif
      default:
        break;
    }
  }
}

}  // namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA
