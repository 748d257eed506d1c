#include "core/runtime/remembered_states.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cstddef>

#include "core/model/safetensors.h"
#include "golden.h"

namespace prumux::runtime {
namespace {

constexpr std::size_t kPlenty = std::size_t{1} << 30U;

TokenStates states_of_the_reference() {
  EngineOptions options;
  options.threads = 1;
  return {golden_model("enc_bert"), options};
}

text::Batch batch_of_the_reference() {
  const TensorMap golden =
      model::read_safetensors(golden_folder("enc_bert") / "golden.safetensors");
  return {golden.at("input_ids"), golden.at("attention_mask"), golden.at("token_type_ids"), {}};
}

text::Batch rows(const text::Batch& batch, const std::vector<std::int64_t>& wanted) {
  const at::Tensor index = at::tensor(wanted, at::kLong);
  return {batch.input_ids.index_select(0, index),
          batch.attention_mask.index_select(0, index),
          batch.token_type_ids.index_select(0, index),
          {}};
}

TEST(RememberedStates, AreThoseOfAPassWhateverCameBefore) {
  const text::Batch batch = batch_of_the_reference();
  ASSERT_GE(batch.input_ids.size(0), 2);
  const text::Batch repeated = rows(batch, {1, 0, 1});
  const TokenStates pass = states_of_the_reference();
  for (const std::size_t memory : {std::size_t{0}, kPlenty}) {
    RememberedStates remembered(states_of_the_reference(), at::kFloat, memory);
    EXPECT_TRUE(remembered(rows(batch, {1})).equal(pass(rows(batch, {1}))));
    EXPECT_TRUE(remembered(batch).equal(pass(batch))) << "the second row was there already";
    EXPECT_TRUE(remembered(repeated).equal(pass(repeated))) << "all of them were";
  }
}

TEST(RememberedStates, TellTextsOfOtherTypesApart) {
  const text::Batch batch = batch_of_the_reference();
  text::Batch other = batch;
  other.token_type_ids = 1 - batch.token_type_ids;
  RememberedStates remembered(states_of_the_reference(), at::kFloat, kPlenty);
  remembered(batch);
  EXPECT_TRUE(remembered(other).equal(states_of_the_reference()(other)));
}

TEST(RememberedStates, AreRoundedAlsoTheFirstTime) {
  const text::Batch batch = batch_of_the_reference();
  const at::Tensor rounded = states_of_the_reference()(batch).to(at::kBFloat16).to(at::kFloat);
  RememberedStates remembered(states_of_the_reference(), at::kBFloat16, kPlenty);
  EXPECT_TRUE(remembered(batch).equal(rounded));
  EXPECT_TRUE(remembered(batch).equal(rounded));
}

TEST(RememberedStates, StaysWithinItsMemory) {
  const text::Batch batch = batch_of_the_reference();
  const text::Batch first = rows(batch, {0});
  const std::size_t enough_for_one = states_of_the_reference()(first).nbytes();
  RememberedStates remembered(states_of_the_reference(), at::kFloat, enough_for_one);
  remembered(batch);
  EXPECT_EQ(remembered.free_bytes(), enough_for_one) << "both are too large";
  remembered(first);
  EXPECT_EQ(remembered.free_bytes(), 0);
  EXPECT_TRUE(remembered(batch).equal(states_of_the_reference()(batch)));
}

}  // namespace
}  // namespace prumux::runtime
