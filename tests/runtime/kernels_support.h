#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "core/runtime/kernels/kernels.h"

namespace prumux::runtime::kernels {

/// Panels with access by feature and token, filled with numbers of the normal distribution.
class Activations {
 public:
  Activations(std::size_t features, std::size_t tokens, unsigned seed)
      : features_(features), values_(panel_count(tokens) * features * kPanelTokens) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    for (std::size_t i = 0; i < values_.size(); ++i) values_.data()[i] = normal(random);
  }

  float& at(std::size_t feature, std::size_t token) {
    return values_
        .data()[token / kPanelTokens * stride() + feature * kPanelTokens + token % kPanelTokens];
  }
  /// Makes no numbers of the tokens in front of and behind these.
  void spoil_outside(std::size_t begin, std::size_t end) {
    for (std::size_t token = 0; token < values_.size() / features_; ++token) {
      if (token >= begin && token < end) continue;
      for (std::size_t f = 0; f < features_; ++f) at(f, token) = std::nanf("");
    }
  }
  float* data() { return values_.data(); }
  std::size_t stride() const { return features_ * kPanelTokens; }

 private:
  std::size_t features_;
  AlignedBuffer<float> values_;
};

inline std::vector<float> random_values(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(count);
  for (float& value : values) value = normal(random);
  return values;
}

/// Every instruction set that this machine has: the portable one always.
class KernelsTest : public testing::TestWithParam<InstructionSet> {
 protected:
  void SetUp() override {
    if (!is_supported(GetParam())) GTEST_SKIP() << "not on this machine";
  }
  const Kernels& kernels() const { return kernels_for(GetParam()); }
  /// Those that the instruction set knows.
  static std::vector<NumberFormat> known(std::vector<NumberFormat> formats) {
    std::erase_if(formats, [](NumberFormat format) { return !knows(GetParam(), format); });
    return formats;
  }
  static std::vector<NumberFormat> float32_formats() {
    return known({NumberFormat::float32, NumberFormat::tiled_float32});
  }
  static std::vector<NumberFormat> formats_of_16_bits() {
    return known({NumberFormat::bfloat16, NumberFormat::float16, NumberFormat::tiled_bfloat16});
  }
  static std::vector<NumberFormat> int8_formats() {
    return known({NumberFormat::int8, NumberFormat::widened_int8, NumberFormat::tiled_int8});
  }
};

/// Of a suite derived from `KernelsTest`.
inline auto every_instruction_set() {
  return testing::Values(InstructionSet::portable, InstructionSet::avx2, InstructionSet::avx512,
                         InstructionSet::avx512_fp16, InstructionSet::amx);
}

inline std::string instruction_set_name(const testing::TestParamInfo<InstructionSet>& test) {
  return name_of(test.param);
}

}  // namespace prumux::runtime::kernels
