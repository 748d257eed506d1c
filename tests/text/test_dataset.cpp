#include "core/text/dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "prumux/error.h"
#include "tests/text/support.h"

namespace prumux::text {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class DatasetTest : public testing::Test {
 protected:
  Dataset open(const std::string& task, const std::filesystem::path& file,
               std::size_t max_length = 128) {
    return Dataset::open(find_task(task), file, small_tokenizer(), options(max_length));
  }

  DatasetOptions options(std::size_t max_length = 128) const {
    DatasetOptions options;
    options.max_length = max_length;
    options.cache_folder = folder_.path() / "cache";
    return options;
  }

  std::ptrdiff_t cached_files() const {
    return std::distance(std::filesystem::directory_iterator(folder_.path() / "cache" / "datasets"),
                         {});
  }

  TemporaryFolder folder_;
};

TEST_F(DatasetTest, HoldsTokensTypesAndLabels) {
  const auto file =
      folder_.write("a.tsv", "sentence1\tsentence2\tlabel\na b\tc\tnot_entailment\nd\ta\t0\n");
  const Dataset dataset = open("rte", file);
  ASSERT_EQ(dataset.size(), 2U);
  EXPECT_THAT(dataset.ids(0), ElementsAre(2, 5, 6, 3, 7, 3));
  EXPECT_EQ(dataset.second_begin(0), 4U);
  EXPECT_EQ(dataset.label(0), 1);
  EXPECT_EQ(dataset.label(1), 0);
  EXPECT_EQ(dataset.label_count(), 2U);
  EXPECT_THAT(dataset.lengths(), ElementsAre(6, 5));
  EXPECT_FALSE(dataset.is_regression());
}

TEST_F(DatasetTest, HoldsScores) {
  const Dataset dataset = open("stsb", folder_.write("a.tsv", "a\tb\t3.25\n"));
  EXPECT_TRUE(dataset.is_regression());
  EXPECT_EQ(dataset.label_count(), 1U);
  EXPECT_EQ(dataset.label(0), 3.25);
}

TEST_F(DatasetTest, CountsClassesWithoutNames) {
  const Dataset dataset = open("classification", folder_.write("a.tsv", "a\t0\nb\t3\n"));
  EXPECT_EQ(dataset.label_count(), 4U);
  EXPECT_TRUE(dataset.label_names().empty());
}

TEST_F(DatasetTest, CacheFollowsContentAndSettings) {
  const auto file = folder_.write("a.tsv", "a b c\t0\n");
  EXPECT_EQ(open("sst2", file).length(0), 5U);
  EXPECT_EQ(open("sst2", file).length(0), 5U);
  EXPECT_EQ(cached_files(), 1);
  EXPECT_EQ(open("sst2", file, 4).length(0), 4U);
  EXPECT_EQ(cached_files(), 2);
  folder_.write("a.tsv", "a b c d\t1\n");
  EXPECT_EQ(open("sst2", file).length(0), 6U);
  EXPECT_EQ(cached_files(), 3);
}

TEST_F(DatasetTest, CacheFollowsTheOrderOfTheModelsLabels) {
  const auto file = folder_.write("a.tsv", "a\t0\n");
  EXPECT_EQ(open("sst2", file).label(0), 0);
  DatasetOptions reversed = options();
  reversed.model_labels = {"positive", "negative"};
  const Dataset dataset = Dataset::open(find_task("sst2"), file, small_tokenizer(), reversed);
  EXPECT_EQ(dataset.label(0), 1);
  EXPECT_THAT(dataset.label_names(), ElementsAre("positive", "negative"));
}

TEST_F(DatasetTest, BadRowsLeaveNoCache) {
  const auto file = folder_.write("a.tsv", "a\t0\nb\tmaybe\n");
  EXPECT_THAT(error_of<DataError>([&] { open("sst2", file); }),
              HasSubstr("a.tsv:2: the label is 'maybe'"));
  EXPECT_EQ(cached_files(), 0);
}

}  // namespace
}  // namespace prumux::text
