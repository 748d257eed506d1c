#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/runtime/kernels/kernels.h"
#include "tests/runtime/kernels_support.h"

namespace prumux::runtime::kernels {
namespace {

class AttentionTest : public KernelsTest {};

INSTANTIATE_TEST_SUITE_P(InstructionSets, AttentionTest, every_instruction_set(),
                         instruction_set_name);

/// The largest difference to softmax(scale Q K^T) V in double precision.
double attention_error(const Kernels& kernels, std::size_t begin, std::size_t length,
                       std::size_t queries, std::size_t head_size, bool in_short_numbers) {
  Activations query(head_size, begin + queries, 1);
  Activations key(head_size, begin + length, 2);
  Activations value(head_size, begin + length, 3);
  Activations output(head_size, begin + queries, 4);
  // What lies around the sequence has no part in it.
  query.spoil_outside(begin, begin + queries);
  key.spoil_outside(begin, begin + length);
  value.spoil_outside(begin, begin + length);
  AlignedBuffer<float> scratch(attention_scratch(length, head_size));
  std::fill_n(scratch.data(), scratch.size(), std::nanf(""));
  Attention attention;
  attention.query = query.data();
  attention.key = key.data();
  attention.value = value.data();
  attention.query_stride = query.stride();
  attention.key_stride = key.stride();
  attention.query_begin = begin;
  attention.queries = queries;
  attention.key_begin = begin;
  attention.keys = length;
  attention.head_size = head_size;
  attention.scale = 1.0F / std::sqrt(static_cast<float>(head_size));
  attention.output = output.data();
  attention.output_stride = output.stride();
  attention.scratch = scratch.data();
  (in_short_numbers ? kernels.attend_in_short_numbers : kernels.attend)(attention);

  double error = 0.0;
  for (std::size_t q = begin; q < begin + queries; ++q) {
    std::vector<double> weights(length);
    double sum = 0.0;
    for (std::size_t k = 0; k < length; ++k) {
      double score = 0.0;
      for (std::size_t f = 0; f < head_size; ++f) {
        score += static_cast<double>(query.at(f, q)) * key.at(f, begin + k);
      }
      weights[k] = std::exp(score * attention.scale);
      sum += weights[k];
    }
    for (std::size_t f = 0; f < head_size; ++f) {
      double expected = 0.0;
      for (std::size_t k = 0; k < length; ++k) {
        expected += weights[k] / sum * value.at(f, begin + k);
      }
      error = std::max(error, std::abs(expected - output.at(f, q)));
    }
  }
  return error;
}

TEST_P(AttentionTest, AttendsOverSequencesThatBeginAnywhere) {
  for (const std::size_t begin : {0U, 37U, 63U}) {
    for (const std::size_t length : {1U, 2U, 25U, 64U, 131U}) {
      for (const std::size_t head_size : {1U, 5U, 32U, 48U, 64U}) {
        EXPECT_LT(attention_error(kernels(), begin, length, length, head_size, false), 2e-6)
            << begin << ' ' << length << ' ' << head_size;
        EXPECT_LT(attention_error(kernels(), begin, length, length, head_size, true), 0.03)
            << begin << ' ' << length << ' ' << head_size;
      }
    }
  }
}

TEST_P(AttentionTest, AttendsForAFewQueriesOnly) {
  EXPECT_LT(attention_error(kernels(), 0, 50, 1, 16, false), 2e-6);
  EXPECT_LT(attention_error(kernels(), 10, 50, 3, 16, false), 2e-6);
  EXPECT_LT(attention_error(kernels(), 10, 50, 3, 16, true), 0.03);
}

TEST_P(AttentionTest, AttendsToManyKeysInLargeHeads) {
  EXPECT_LT(attention_error(kernels(), 5, 515, 3, 300, false), 2e-6);
  EXPECT_LT(attention_error(kernels(), 5, 515, 3, 300, true), 0.03);
  EXPECT_LT(attention_error(kernels(), 5, 515, 70, 64, true), 0.03);
}

/// Attention of one query of 1, in heads of one feature.
double attend_once(const Kernels& kernels, const std::vector<float>& keys,
                   const std::vector<float>& values) {
  const std::size_t count = keys.size();
  Activations query(1, 1, 1);
  Activations key(1, count, 2);
  Activations value(1, count, 3);
  Activations output(1, 1, 4);
  query.at(0, 0) = 1.0F;
  for (std::size_t k = 0; k < count; ++k) {
    key.at(0, k) = keys[k];
    value.at(0, k) = values[k];
  }
  AlignedBuffer<float> scratch(attention_scratch(count, 1));
  Attention attention;
  attention.query = query.data();
  attention.key = key.data();
  attention.value = value.data();
  attention.query_stride = attention.key_stride = kPanelTokens;
  attention.queries = 1;
  attention.keys = count;
  attention.head_size = 1;
  attention.output = output.data();
  attention.output_stride = kPanelTokens;
  attention.scratch = scratch.data();
  kernels.attend_in_short_numbers(attention);
  return output.at(0, 0);
}

TEST_P(AttentionTest, KeepsTheSmallWeightsOfManyKeys) {
  // Half of the keys weigh one each, the others 1/32, which would vanish in a long sum.
  std::vector<float> keys(512, 0.0F);
  std::vector<float> values(512, 1.0F);
  for (std::size_t k = 0; k < 512; ++k) {
    if (k / 128 % 2 == 0) continue;
    keys[k] = -5.0F * std::log(2.0F);
    values[k] = 0.0F;
  }
  EXPECT_NEAR(attend_once(kernels(), keys, values), 32.0 / 33.0, 4e-3);
}

TEST_P(AttentionTest, WeighsLargeValuesAlikeWithinTheRangeOfHalves) {
  // 2 + 2^-9 and 2047, of which half precision rounds sums.
  for (const float score : {0.0F, 2.001953125F, 2047.0F}) {
    const std::vector<float> keys(512, score / 1.44269504F);
    EXPECT_NEAR(attend_once(kernels(), keys, std::vector<float>(512, 1000.0F)), 1000.0, 4.0)
        << score;
  }
}

TEST_P(AttentionTest, KeepsWhatIsNoNumber) {
  const float none = std::nanf("");
  EXPECT_TRUE(std::isnan(attend_once(kernels(), {0.0F, none, 1.0F}, {1.0F, 1.0F, 1.0F})));
  EXPECT_TRUE(std::isnan(attend_once(kernels(), {0.0F, 1.0F, 2.0F}, {1.0F, 1.0F, none})));
}

}  // namespace
}  // namespace prumux::runtime::kernels
