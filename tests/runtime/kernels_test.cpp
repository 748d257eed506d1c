#include "core/runtime/kernels/kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <utility>
#include <vector>

#include "tests/runtime/kernels_support.h"

namespace prumux::runtime::kernels {
namespace {

double gelu(double x) { return 0.5 * x * (1.0 + std::erf(x / std::sqrt(2.0))); }

INSTANTIATE_TEST_SUITE_P(InstructionSets, KernelsTest, every_instruction_set(),
                         instruction_set_name);

struct Shape {
  std::size_t rows;
  std::size_t columns;
  std::size_t tokens;
};

// What pruning leaves: odd numbers, single units, nothing.
constexpr Shape kShapes[] = {{200, 197, 130}, {13, 37, 75}, {6, 64, 64}, {1, 1, 1},
                             {7, 3, 17},      {5, 0, 20},   {0, 5, 20},  {64, 200, 33},
                             {57, 40, 50},    {24, 5, 64},  {64, 8, 0},  {9, 1027, 40}};

/// Activations as the elements of products.
struct Operands {
  Operands(const Kernels& kernels, Activations& input, std::size_t features, std::size_t tokens,
           NumberFormat format)
      : stride(element_count(format, features) * kPanelTokens),
        elements(panel_count(tokens) * stride),
        scales(panel_count(tokens) * kPanelTokens) {
    // Of whoever had the memory before: no numbers.
    std::fill_n(elements.data(), elements.size(), 0xFFFFFFFFU);
    kernels.convert({input.data(), input.stride(), features, tokens, format, elements.data(),
                     stride, scales.data()});
  }

  Product times(const PackedMatrix& matrix, Activations& output, std::size_t tokens,
                Epilogue epilogue) const {
    return {&matrix,       elements.data(), stride, scales.data(),
            output.data(), output.stride(), tokens, epilogue};
  }

  std::size_t stride;
  AlignedBuffer<std::uint32_t> elements;
  AlignedBuffer<float> scales;
};

/// The largest difference to W x + b, computed in double precision.
double product_error(const Kernels& kernels, const Shape& shape, NumberFormat format,
                     Epilogue epilogue) {
  const std::vector<float> weight = random_values(shape.rows * shape.columns, 1);
  const std::vector<float> bias = random_values(shape.rows, 2);
  const MatrixRows part{weight.data(), bias.data(), shape.rows, shape.columns};
  const PackedMatrix matrix({&part, 1}, shape.columns, format);
  Activations input(shape.columns, shape.tokens, 3);
  Activations output(shape.rows, shape.tokens, 4);
  Activations before(shape.rows, shape.tokens, 4);

  const Operands operands(kernels, input, shape.columns, shape.tokens, format);
  kernels.multiply(operands.times(matrix, output, shape.tokens, epilogue));

  double error = 0.0;
  for (std::size_t token = 0; token < shape.tokens; ++token) {
    for (std::size_t row = 0; row < shape.rows; ++row) {
      double expected = bias[row];
      for (std::size_t k = 0; k < shape.columns; ++k) {
        expected += static_cast<double>(weight[row * shape.columns + k]) * input.at(k, token);
      }
      if (epilogue == Epilogue::gelu) expected = gelu(expected);
      if (epilogue == Epilogue::add) expected += before.at(row, token);
      error = std::max(error, std::abs(expected - output.at(row, token)));
    }
  }
  // Random sums grow with the root of their length.
  return error / std::sqrt(static_cast<double>(std::max<std::size_t>(shape.columns, 1)));
}

TEST_P(KernelsTest, MultipliesRaggedMatricesInFloat32) {
  for (const Shape& shape : kShapes) {
    for (const NumberFormat format : float32_formats()) {
      for (const Epilogue epilogue : {Epilogue::store, Epilogue::gelu, Epilogue::add}) {
        EXPECT_LT(product_error(kernels(), shape, format, epilogue), 4e-6)
            << shape.rows << " x " << shape.columns << " x " << shape.tokens;
      }
    }
  }
}

TEST_P(KernelsTest, MultipliesRaggedMatricesIn16Bits) {
  // Two factors of 8 bits each: relative errors of 2^-9 that add up like a random walk. Halves have
  // more bits, but no more than these in sums.
  for (const Shape& shape : kShapes) {
    for (const NumberFormat format : formats_of_16_bits()) {
      for (const Epilogue epilogue : {Epilogue::store, Epilogue::gelu, Epilogue::add}) {
        EXPECT_LT(product_error(kernels(), shape, format, epilogue), 0.02)
            << shape.rows << " x " << shape.columns << " x " << shape.tokens;
      }
    }
  }
}

/// W x of one token, in halves; all weights and all activations are the same.
float product_of_halves(const Kernels& kernels, float weight, float activation) {
  constexpr std::size_t kFeatures = 600;
  const std::vector<float> weights(kFeatures, weight);
  const MatrixRows part{weights.data(), nullptr, 1, kFeatures};
  const PackedMatrix matrix({&part, 1}, kFeatures, NumberFormat::float16);
  Activations input(kFeatures, 1, 1);
  Activations output(1, 1, 1);
  for (std::size_t f = 0; f < kFeatures; ++f) input.at(f, 0) = activation;
  const Operands operands(kernels, input, kFeatures, 1, NumberFormat::float16);
  kernels.multiply(operands.times(matrix, output, 1, Epilogue::store));
  return output.at(0, 0);
}

TEST_P(KernelsTest, KeepsHalvesWithinTheirRange) {
  if (!knows(GetParam(), NumberFormat::float16)) GTEST_SKIP() << "no instructions for halves";
  const auto product = [&](float weight, float activation) {
    return product_of_halves(kernels(), weight, activation);
  };
  EXPECT_FLOAT_EQ(product(1.0F, 1.0F), 600.0F);
  EXPECT_FLOAT_EQ(product(0.0F, 3.0F), 0.0F);
  // Rows are scaled: neither large nor small weights leave the range.
  EXPECT_FLOAT_EQ(product(0x1p100F, 0.5F), 0x1p100F * 300.0F);
  EXPECT_FLOAT_EQ(product(-0x1p-100F, 0.5F), 0x1p-100F * -300.0F);
  // Sums of the largest activations do not; larger ones count as those.
  EXPECT_NEAR(product(1.0F, 1000.0F), 600000.0F, 18000.0F);
  EXPECT_NEAR(product(1.0F, -1e6F), -600.0F * 1023.0F, 18000.0F);
  // Damage shows.
  EXPECT_TRUE(std::isnan(product(1.0F, std::nanf(""))));
  EXPECT_TRUE(std::isnan(product(std::nanf(""), 1.0F)));
  EXPECT_FALSE(std::isfinite(product(std::numeric_limits<float>::infinity(), 1.0F)));
}

double value_of_half(std::uint32_t bits) {
  const int exponent = static_cast<int>((bits >> 10U) & 31U);
  const double digits = static_cast<double>(bits & 1023U) + (exponent > 0 ? 1024.0 : 0.0);
  const double magnitude = std::ldexp(digits, std::max(exponent, 1) - 25);
  return (bits & 0x8000U) != 0 ? -magnitude : magnitude;
}

/// How far two elements are from each other, beyond what rounding to halves makes of it. Other
/// elements have to be the same.
double element_error(std::uint32_t actual, std::uint32_t expected, NumberFormat format) {
  if (actual == expected) return 0.0;
  if (format != NumberFormat::float16) return std::numeric_limits<double>::infinity();
  double error = 0.0;
  for (const unsigned shift : {0U, 16U}) {
    const double value = value_of_half(expected >> shift);
    const double difference = std::abs(value_of_half(actual >> shift) - value);
    error = std::max(error, difference - std::abs(value) / 512.0);
  }
  return error;
}

/// The largest difference between the elements that a product gives of gelu and those that
/// conversion makes of its numbers.
double gelu_operands_error(const Kernels& kernels, const Shape& shape, NumberFormat format) {
  const std::vector<float> weight = random_values(shape.rows * shape.columns, 1);
  const std::vector<float> bias = random_values(shape.rows, 2);
  const MatrixRows part{weight.data(), bias.data(), shape.rows, shape.columns};
  const PackedMatrix matrix({&part, 1}, shape.columns, format);
  Activations input(shape.columns, shape.tokens, 3);
  Activations output(shape.rows, shape.tokens, 4);
  const std::size_t elements = element_count(format, shape.rows);
  const std::size_t stride = elements * kPanelTokens;
  AlignedBuffer<std::uint32_t> actual(panel_count(shape.tokens) * stride);
  std::fill_n(actual.data(), actual.size(), 0xFFFFFFFFU);
  const Operands operands(kernels, input, shape.columns, shape.tokens, format);
  Product product = operands.times(matrix, output, shape.tokens, Epilogue::gelu);
  kernels.multiply(product);
  const Operands expected(kernels, output, shape.rows, shape.tokens, format);
  product.epilogue = Epilogue::gelu_operands;
  product.output_stride = stride;
  product.operands = actual.data();
  kernels.multiply(product);
  double error = 0.0;
  for (std::size_t token = 0; token < shape.tokens; ++token) {
    const std::size_t column = token % kPanelTokens;
    for (std::size_t k = 0; k < elements; ++k) {
      const std::size_t in_panel =
          is_tiled(format) ? (column / kTileSize * elements + k) * kTileSize + column % kTileSize
                           : k * kPanelTokens + column;
      const std::size_t at = token / kPanelTokens * stride + in_panel;
      error =
          std::max(error, element_error(actual.data()[at], expected.elements.data()[at], format));
    }
  }
  return error;
}

TEST_P(KernelsTest, WritesGeluAsTheElementsThatConversionMakesOfIt) {
  for (const NumberFormat format :
       known({NumberFormat::bfloat16, NumberFormat::float16, NumberFormat::tiled_float32,
              NumberFormat::tiled_bfloat16})) {
    for (const Shape& shape : kShapes) {
      EXPECT_LE(gelu_operands_error(kernels(), shape, format),
                format == NumberFormat::float16 ? 4e-3 : 0.0)
          << name_of(format) << ' ' << shape.rows << " x " << shape.columns << " x "
          << shape.tokens;
    }
  }
}

TEST_P(KernelsTest, MultipliesRaggedMatricesInInt8) {
  // Steps of the largest of a few hundred normal numbers, about 3.5, divided by 127.
  for (const Shape& shape : kShapes) {
    for (const NumberFormat format : int8_formats()) {
      for (const Epilogue epilogue : {Epilogue::store, Epilogue::gelu, Epilogue::add}) {
        EXPECT_LT(product_error(kernels(), shape, format, epilogue), 0.08)
            << shape.rows << " x " << shape.columns << " x " << shape.tokens;
      }
    }
  }
}

TEST_P(KernelsTest, MultipliesWhatInt8HoldsExactly) {
  // Rows and tokens with a largest entry of 127: scales of 1, and no rounding.
  const std::vector<float> weight = {127, -3, 0, 5, 1, -127, 64, 2, 8, 127};
  const MatrixRows part{weight.data(), nullptr, 2, 5};
  const float tokens[2][5] = {{127, 1, 2, 3, 4}, {-5, 0, -127, 9, 1}};
  Activations input(5, 2, 1);
  for (std::size_t token = 0; token < 2; ++token) {
    for (std::size_t k = 0; k < 5; ++k) input.at(k, token) = tokens[token][k];
  }
  for (const NumberFormat format : int8_formats()) {
    const PackedMatrix matrix({&part, 1}, 5, format);
    Activations output(2, 2, 1);
    const Operands operands(kernels(), input, 5, 2, format);
    kernels().multiply(operands.times(matrix, output, 2, Epilogue::store));
    EXPECT_FLOAT_EQ(output.at(0, 0), 127 * 127 - 3 + 15 + 4);
    EXPECT_FLOAT_EQ(output.at(1, 0), -127 * 127 + 64 + 4 + 24 + 508);
    EXPECT_FLOAT_EQ(output.at(0, 1), -635 + 45 + 1);
    EXPECT_FLOAT_EQ(output.at(1, 1), 635 - 254 + 72 + 127);
  }
}

TEST_P(KernelsTest, NormalisesEveryToken) {
  for (const std::size_t features : {1U, 3U, 197U}) {
    const std::size_t tokens = 77;
    Activations values(features, tokens, 1);
    for (std::size_t f = 0; f < features; ++f) values.at(f, 5) += 100.0F;
    Activations before = Activations(features, tokens, 1);
    for (std::size_t f = 0; f < features; ++f) before.at(f, 5) += 100.0F;
    const std::vector<float> weight = random_values(features, 2);
    const std::vector<float> bias = random_values(features, 3);
    kernels().normalise({values.data(), values.data(), values.stride(), features, tokens,
                         weight.data(), bias.data(), 1e-5F});
    for (std::size_t token = 0; token < tokens; ++token) {
      double mean = 0.0;
      double variance = 0.0;
      for (std::size_t f = 0; f < features; ++f) mean += before.at(f, token);
      mean /= static_cast<double>(features);
      for (std::size_t f = 0; f < features; ++f) {
        variance += (before.at(f, token) - mean) * (before.at(f, token) - mean);
      }
      const double deviation = std::sqrt(variance / static_cast<double>(features) + 1e-5);
      for (std::size_t f = 0; f < features; ++f) {
        const double expected = (before.at(f, token) - mean) / deviation * weight[f] + bias[f];
        ASSERT_NEAR(values.at(f, token), expected, 1e-4) << features << ' ' << token;
      }
    }
  }
}

/// The largest difference of three mixed embeddings to the formula in double precision. Of words
/// in bfloat16 to that of the rounded words.
double mixing_error(const Kernels& kernels, std::size_t width, std::vector<bool> present,
                    float common, NumberFormat format = NumberFormat::float32) {
  const std::size_t stride = (width + kTokenBlock - 1) / kTokenBlock * kTokenBlock;
  std::vector<float> words = random_values(3 * width, 1);
  for (float& word : words) word += common;
  std::vector<std::uint16_t> short_words(words.size());
  const bool is_short = format == NumberFormat::bfloat16;
  if (is_short) {
    std::transform(words.begin(), words.end(), short_words.begin(), to_bfloat16);
    std::transform(short_words.begin(), short_words.end(), words.begin(), [](std::uint16_t bits) {
      return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16U);
    });
  }
  const auto row_of = [&](std::size_t row) {
    return is_short ? static_cast<const void*>(&short_words[row * width]) : &words[row * width];
  };
  const std::vector<float> offsets = random_values(3 * width, 2);
  std::vector<float> gains = random_values(3 * stride, 3);
  const std::vector<float> shifts = random_values(3 * stride, 4);
  std::vector<float> all_shifts(stride, 0.0F);
  EmbeddingRow rows[3] = {};
  EmbeddingRow next[3] = {};
  std::vector<double> expected(width, 0.0);
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t k = 0; k < stride; ++k) all_shifts[k] += shifts[i * stride + k];
    std::fill_n(gains.begin() + static_cast<std::ptrdiff_t>(i * stride + width), stride - width,
                0.0F);
    if (!present[i]) continue;
    rows[i] = {row_of(i), &offsets[i * width]};
    next[i] = {row_of(2 - i), nullptr};
    const auto value = [&](std::size_t k) {
      return static_cast<double>(words[i * width + k]) + offsets[i * width + k];
    };
    double mean = 0.0;
    double variance = 0.0;
    for (std::size_t k = 0; k < width; ++k) mean += value(k) / static_cast<double>(width);
    for (std::size_t k = 0; k < width; ++k) {
      variance += (value(k) - mean) * (value(k) - mean) / static_cast<double>(width);
    }
    for (std::size_t k = 0; k < width; ++k) {
      expected[k] += (value(k) - mean) / std::sqrt(variance + 1e-6) * gains[i * stride + k] +
                     shifts[i * stride + k];
    }
  }
  AlignedBuffer<float> sum(stride);
  AlignedBuffer<float> scratch(stride);
  kernels.mix({rows, next, format, gains.data(), shifts.data(), all_shifts.data(), 3, width, stride,
               1e-6F, sum.data(), scratch.data()});
  double error = 0.0;
  for (std::size_t k = 0; k < width; ++k) {
    error = std::max(error, std::abs(sum.data()[k] - expected[k]));
  }
  return error;
}

TEST_P(KernelsTest, MixesNormalisedEmbeddingsOfTheInstancesThatAreThere) {
  for (const std::size_t width : {1U, 21U, 64U, 197U}) {
    EXPECT_LT(mixing_error(kernels(), width, {true, true, true}, 0.0F), 1e-5) << width;
    EXPECT_LT(mixing_error(kernels(), width, {true, false, true}, 0.0F), 1e-5) << width;
    EXPECT_LT(mixing_error(kernels(), width, {false, false, false}, 0.0F), 1e-5) << width;
    EXPECT_LT(mixing_error(kernels(), width, {true, false, true}, 0.0F, NumberFormat::bfloat16),
              1e-5)
        << width;
  }
}

TEST_P(KernelsTest, KeepsTheDigitsOfEmbeddingsWithALargeMean) {
  EXPECT_LT(mixing_error(kernels(), 197, {true, true, true}, 100.0F), 1e-4);
}

TEST_P(KernelsTest, ComputesGeluAndTanhOverTheirWholeRange) {
  constexpr std::size_t kCount = 4096;
  AlignedBuffer<float> values(kCount);
  const auto fill = [&] {
    for (std::size_t i = 0; i < kCount; ++i) {
      values.data()[i] = (static_cast<float>(i) - 2048.0F) / 100.0F;
    }
  };
  fill();
  std::vector<float> x(values.data(), values.data() + kCount);
  kernels().gelu(values.data(), kCount);
  for (std::size_t i = 0; i < kCount; ++i) {
    ASSERT_NEAR(values.data()[i], gelu(x[i]), 2e-6) << x[i];
  }
  fill();
  kernels().tanh(values.data(), kCount);
  for (std::size_t i = 0; i < kCount; ++i) {
    ASSERT_NEAR(values.data()[i], std::tanh(static_cast<double>(x[i])), 4e-7) << x[i];
  }
}

TEST_P(KernelsTest, KeepsWhatIsNoNumber) {
  AlignedBuffer<float> values(kTokenBlock);
  values.data()[3] = std::nanf("");
  kernels().gelu(values.data(), kTokenBlock);
  EXPECT_TRUE(std::isnan(values.data()[3]));
  EXPECT_EQ(values.data()[2], 0.0F);
}

TEST_P(KernelsTest, KeepsWhatIsNoNumberInTheElementsOfGelu) {
  for (const NumberFormat format : known({NumberFormat::bfloat16, NumberFormat::float16})) {
    const float weight[] = {1.0F, 1.0F};
    // Bits that rounding would carry into the sign.
    const float bias[] = {std::bit_cast<float>(0x7FFFFFFFU), 1.0F};
    const MatrixRows part{weight, bias, 2, 1};
    const PackedMatrix matrix({&part, 1}, 1, format);
    Activations input(1, 1, 1);
    Activations unused(2, 1, 2);
    const Operands operands(kernels(), input, 1, 1, format);
    Product product = operands.times(matrix, unused, 1, Epilogue::gelu_operands);
    std::vector<std::uint32_t> elements(kPanelTokens);
    product.output_stride = kPanelTokens;
    product.operands = elements.data();
    kernels().multiply(product);
    const std::uint32_t exponent = format == NumberFormat::float16 ? 0x7C00U : 0x7F80U;
    EXPECT_GT(elements[0] & 0x7FFFU, exponent) << name_of(format);
    EXPECT_LT(elements[0] >> 16U, exponent) << name_of(format);
  }
}

TEST_P(KernelsTest, KeepsWhatIsNoNumberInProductsOfEveryFormat) {
  const Shape shape{20, 40, 30};
  std::vector<NumberFormat> all = float32_formats();
  for (const NumberFormat format : formats_of_16_bits()) all.push_back(format);
  for (const NumberFormat format : int8_formats()) all.push_back(format);
  for (const NumberFormat format : all) {
    const std::vector<float> weight = random_values(shape.rows * shape.columns, 1);
    const MatrixRows part{weight.data(), nullptr, shape.rows, shape.columns};
    const PackedMatrix matrix({&part, 1}, shape.columns, format);
    Activations input(shape.columns, shape.tokens, 3);
    Activations output(shape.rows, shape.tokens, 4);
    input.at(7, 11) = std::nanf("");
    const Operands operands(kernels(), input, shape.columns, shape.tokens, format);
    kernels().multiply(operands.times(matrix, output, shape.tokens, Epilogue::store));
    for (std::size_t token = 0; token < shape.tokens; ++token) {
      for (std::size_t row = 0; row < shape.rows; ++row) {
        ASSERT_EQ(std::isnan(output.at(row, token)), token == 11)
            << static_cast<int>(format) << ' ' << row << ' ' << token;
      }
    }
  }
}

}  // namespace
}  // namespace prumux::runtime::kernels
