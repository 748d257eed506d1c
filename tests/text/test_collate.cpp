#include "core/text/collate.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "prumux/error.h"
#include "tests/text/support.h"

namespace prumux::text {
namespace {

using testing::HasSubstr;

at::Tensor integers(std::initializer_list<std::initializer_list<std::int64_t>> rows) {
  std::vector<at::Tensor> tensors;
  for (const auto& row : rows) tensors.push_back(at::tensor(std::vector<std::int64_t>(row)));
  return at::stack(tensors);
}

Dataset open_dataset(const TemporaryFolder& folder, const std::string& task,
                     const std::string& content) {
  DatasetOptions options;
  options.cache_folder = folder.path() / "cache";
  return Dataset::open(find_task(task), folder.write("a.tsv", content), small_tokenizer(), options);
}

TEST(Collate, PadsToTheLongestChosenRow) {
  const TemporaryFolder folder;
  const Dataset dataset = open_dataset(folder, "rte", "a b c d\ta\t0\na\tb\t1\na b\tc\t0\n");
  const std::vector<std::uint32_t> rows{2, 1};
  const Batch batch = collate(dataset, rows);
  EXPECT_TRUE(at::equal(batch.input_ids, integers({{2, 5, 6, 3, 7, 3}, {2, 5, 3, 6, 3, 0}})));
  EXPECT_TRUE(at::equal(batch.attention_mask, integers({{1, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 0}})));
  EXPECT_TRUE(at::equal(batch.token_type_ids, integers({{0, 0, 0, 0, 1, 1}, {0, 0, 0, 1, 1, 0}})));
  EXPECT_TRUE(at::equal(batch.labels, at::tensor(std::vector<std::int64_t>{0, 1})));
}

TEST(Collate, PadsToAFixedLength) {
  const TemporaryFolder folder;
  const Dataset dataset = open_dataset(folder, "sst2", "a b\t1\n");
  const std::vector<std::uint32_t> rows{0};
  EXPECT_TRUE(at::equal(collate(dataset, rows, 6).input_ids, integers({{2, 5, 6, 3, 0, 0}})));
  EXPECT_THAT(error_of<ConfigError>([&] { collate(dataset, rows, 3); }),
              HasSubstr("a row of 4 tokens does not fit the fixed length of 3"));
  EXPECT_THROW(collate(dataset, {}), ConfigError);
}

TEST(Collate, ScoresAreFloats) {
  const TemporaryFolder folder;
  const Dataset dataset = open_dataset(folder, "stsb", "a\tb\t2.5\n");
  const std::vector<std::uint32_t> rows{0};
  EXPECT_TRUE(
      at::equal(collate(dataset, rows).labels, at::tensor(std::vector<double>{2.5}, at::kFloat)));
}

TEST(Collate, MaskedChunksCarryALabelForEachToken) {
  const TemporaryFolder folder;
  const auto file = folder.write("a.txt", "a b c d\na\n");
  const Tokenizer tokenizer = small_tokenizer();
  const Corpus corpus = Corpus::open({file}, tokenizer, {8, true, folder.path() / "cache"});
  const std::vector<std::uint32_t> chunks{0, 1};
  const MaskingOptions all{.probability = 1.0, .mask_share = 1.0, .random_share = 0.0};
  const Batch batch = collate_masked(corpus, chunks, tokenizer, all, 1, 0);
  EXPECT_TRUE(at::equal(batch.input_ids, integers({{2, 4, 4, 4, 4, 3}, {2, 4, 3, 0, 0, 0}})));
  EXPECT_TRUE(at::equal(batch.labels,
                        integers({{-100, 5, 6, 7, 8, -100}, {-100, 5, -100, -100, -100, -100}})));
  EXPECT_TRUE(at::equal(batch.attention_mask, integers({{1, 1, 1, 1, 1, 1}, {1, 1, 1, 0, 0, 0}})));
}

TEST(Collate, EncodingsHaveNoLabels) {
  const Tokenizer tokenizer = small_tokenizer();
  const std::vector<Encoding> encodings{tokenizer.encode("a"), tokenizer.encode_pair("a", "b")};
  const Batch batch = collate(encodings, tokenizer.padding_id());
  EXPECT_TRUE(at::equal(batch.input_ids, integers({{2, 5, 3, 0, 0}, {2, 5, 3, 6, 3}})));
  EXPECT_TRUE(at::equal(batch.token_type_ids, integers({{0, 0, 0, 0, 0}, {0, 0, 0, 1, 1}})));
  EXPECT_FALSE(batch.labels.defined());
}

}  // namespace
}  // namespace prumux::text
