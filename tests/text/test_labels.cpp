#include "core/text/labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "prumux/error.h"
#include "tests/text/support.h"

namespace prumux::text {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

double parse(const LabelMap& labels, const std::string& label) {
  Example example;
  example.label = label;
  example.line = 7;
  return labels.parse(example);
}

TEST(Labels, AreNamesOrIntegers) {
  const TemporaryFolder folder;
  folder.write("labels.txt", "0\tWorld\n1\tSports\n2\tBusiness\n");
  const LabelMap labels(find_task("classification"), folder.path() / "train.tsv", {});
  EXPECT_THAT(labels.names(), ElementsAre("World", "Sports", "Business"));
  EXPECT_EQ(parse(labels, "Sports"), 1);
  EXPECT_EQ(parse(labels, "2"), 2);
  EXPECT_THAT(error_of<DataError>([&] { parse(labels, "Art"); }),
              HasSubstr("train.tsv:7: the label is 'Art', expected one of World, Sports, Business, "
                        "or an integer from 0 to 2"));
  EXPECT_THROW(parse(labels, "3"), DataError);
  EXPECT_THROW(parse(labels, "-1"), DataError);
}

TEST(Labels, MayBeListedWithoutIds) {
  const TemporaryFolder folder;
  folder.write("labels.txt", "\xEF\xBB\xBFyes\r\nno\r\n");
  const LabelMap labels(find_task("classification"), folder.path() / "a.tsv", {});
  EXPECT_THAT(labels.names(), ElementsAre("yes", "no"));
  EXPECT_EQ(parse(labels, "no"), 1);
}

TEST(Labels, ThatAreNumbersDoNotCountFrom0AsWell) {
  const TemporaryFolder folder;
  folder.write("labels.txt", "1\n2\n3\n");
  const LabelMap labels(find_task("classification"), folder.path() / "a.tsv", {});
  EXPECT_EQ(parse(labels, "1"), 0);
  EXPECT_THAT(error_of<DataError>([&] { parse(labels, "0"); }),
              HasSubstr("the label is '0', expected one of 1, 2, 3"));
}

TEST(Labels, OfGlueTasksAreKnownWithoutAFile) {
  const TemporaryFolder folder;
  const LabelMap labels(find_task("mnli"), folder.path() / "a.tsv", {});
  EXPECT_EQ(parse(labels, "contradiction"), 2);
}

TEST(Labels, FollowTheOrderOfTheModel) {
  const TemporaryFolder folder;
  const LabelMap labels(find_task("mnli"), folder.path() / "a.tsv",
                        {"CONTRADICTION", "ENTAILMENT", "NEUTRAL"});
  EXPECT_EQ(parse(labels, "0"), 1);  // entailment
  EXPECT_EQ(parse(labels, "1"), 2);  // neutral
  EXPECT_EQ(parse(labels, "contradiction"), 0);
  EXPECT_THAT(labels.names(), ElementsAre("contradiction", "entailment", "neutral"));
}

TEST(Labels, ThatDifferOnlyInCaseAreMatchedExactly) {
  const TemporaryFolder folder;
  folder.write("labels.txt", "A\na\n");
  const auto map = [&](const std::vector<std::string>& model_labels) {
    return LabelMap(find_task("classification"), folder.path() / "a.tsv", model_labels);
  };
  const LabelMap labels = map({"a", "A"});
  EXPECT_EQ(parse(labels, "A"), 1);
  EXPECT_EQ(parse(labels, "a"), 0);
  EXPECT_THAT(labels.names(), ElementsAre("a", "A"));
  EXPECT_THAT(error_of<DataError>([&] {
                map({"a", "a"});
              }),
              HasSubstr("the labels 'A' and 'a' are both the model's 'a'"));
}

TEST(Labels, KeepTheirOrderWhenTheModelHasNoNames) {
  const TemporaryFolder folder;
  const LabelMap labels(find_task("sst2"), folder.path() / "a.tsv", {"LABEL_0", "LABEL_1"});
  EXPECT_EQ(parse(labels, "positive"), 1);
}

TEST(Labels, DifferFromTheModels) {
  const TemporaryFolder folder;
  const auto message = [&](const std::vector<std::string>& model_labels) {
    return error_of<DataError>(
        [&] { LabelMap(find_task("sst2"), folder.path() / "a.tsv", model_labels); });
  };
  EXPECT_THAT(message({"good", "bad"}),
              HasSubstr("the model's labels are good, bad, those of task 'sst2' are negative, "
                        "positive"));
  EXPECT_THAT(message({"LABEL_0", "LABEL_1", "LABEL_2"}), HasSubstr("LABEL_2"));
}

TEST(Labels, WithoutNamesAreIntegers) {
  const TemporaryFolder folder;
  const LabelMap labels(find_task("classification"), folder.path() / "a.tsv", {});
  EXPECT_EQ(parse(labels, "4"), 4);
  EXPECT_THAT(error_of<DataError>([&] { parse(labels, "good"); }),
              HasSubstr("a labels.txt beside the file"));
}

TEST(Labels, OfARegressionAreFiniteNumbers) {
  const LabelMap labels(find_task("stsb"), "dev.tsv", {});
  EXPECT_EQ(parse(labels, "2.500"), 2.5);
  for (const char* label : {"", "good", "2.5x", "nan", "inf"}) {
    EXPECT_THAT(error_of<DataError>([&] { parse(labels, label); }),
                HasSubstr("dev.tsv:7: the label is '"));
  }
}

TEST(Labels, FileIsChecked) {
  const TemporaryFolder folder;
  const auto message = [&](const char* content) {
    folder.write("labels.txt", content);
    return error_of<DataError>(
        [&] { LabelMap(find_task("classification"), folder.path() / "a.tsv", {}); });
  };
  EXPECT_THAT(message("0\ta\n2\tb\n"), HasSubstr("labels.txt:2: label id '2', expected 1"));
  EXPECT_THAT(message("a\na\n"), HasSubstr("labels.txt:2: the label 'a' occurs twice"));
  EXPECT_THAT(message("a\n"), HasSubstr("1 labels, expected at least 2"));
  EXPECT_THAT(message("a\n\xFF\n"), HasSubstr("labels.txt:2: not valid UTF-8"));
}

TEST(Labels, FitAModelByNameOrByNumber) {
  const std::vector<std::string> names = {"negative", "positive"};
  EXPECT_TRUE(labels_fit({"POSITIVE", "Negative"}, names));
  EXPECT_TRUE(labels_fit({"LABEL_0", "LABEL_1"}, names));
  EXPECT_TRUE(labels_fit({}, names));
  EXPECT_TRUE(labels_fit({"good", "bad"}, {}));
  EXPECT_FALSE(labels_fit({"good", "bad"}, names));
  EXPECT_FALSE(labels_fit({"negative", "negative"}, names));
}

}  // namespace
}  // namespace prumux::text
