#include "core/text/examples.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "prumux/error.h"
#include "tests/text/support.h"

namespace prumux::text {
namespace {

using testing::HasSubstr;

std::vector<Example> read(const std::string& content, const std::string& task,
                          ExampleFormat format = ExampleFormat::kTsv,
                          Labels labels = Labels::kRequired) {
  std::istringstream stream(content);
  std::vector<Example> examples;
  read_examples(stream, "file", format, find_task(task), labels,
                [&](const Example& example) { examples.push_back(example); });
  return examples;
}

std::string error(const std::string& content, const std::string& task,
                  ExampleFormat format = ExampleFormat::kTsv) {
  return error_of<DataError>([&] { read(content, task, format); });
}

TEST(Examples, ReadsGluesHeaders) {
  const auto single = read("sentence\tlabel\ngood \"film\"\t1\n", "sst2");
  ASSERT_EQ(single.size(), 1U);
  EXPECT_EQ(single[0].first, "good \"film\"");
  EXPECT_EQ(single[0].label, "1");
  EXPECT_EQ(single[0].line, 2U);

  const auto pair = read("index\tquestion\tsentence\tlabel\n0\tWho?\tHe.\tentailment\n", "qnli");
  ASSERT_EQ(pair.size(), 1U);
  EXPECT_EQ(pair[0].first, "Who?");
  EXPECT_EQ(pair[0].second, "He.");
  EXPECT_EQ(pair[0].label, "entailment");

  EXPECT_EQ(read("sentence1\tsentence2\tscore\na\tb\t2.5\n", "stsb").at(0).label, "2.5");
}

TEST(Examples, ReadsColumnsByPositionWithoutAHeader) {
  EXPECT_EQ(read("a good film\t1\n", "sst2").at(0).first, "a good film");
  const auto pair = read("a\tb\t0\nc\td\t1", "rte");
  ASSERT_EQ(pair.size(), 2U);
  EXPECT_EQ(pair[1].second, "d");
  EXPECT_EQ(pair[1].line, 2U);
}

TEST(Examples, HaveTheColumnsOfTheFirstRow) {
  const auto error_without_labels = [](const std::string& content, const std::string& task) {
    return error_of<DataError>([&] { read(content, task, ExampleFormat::kTsv, Labels::kIgnored); });
  };
  EXPECT_THAT(error_without_labels("a\nb\tc\n", "sst2"),
              HasSubstr("file:2: 2 tab-separated columns, expected 1 (sentence)"));
  EXPECT_THAT(error_without_labels("a\tb\nc\td\t1\n", "rte"),
              HasSubstr("file:2: 3 tab-separated columns, expected 2 (sentence1, sentence2)"));
  EXPECT_THAT(error_without_labels("a\t1\nb\n", "sst2"),
              HasSubstr("file:2: 1 tab-separated columns, expected 2 (sentence, label)"));
  EXPECT_EQ(read("a\t1\n", "sst2", ExampleFormat::kTsv, Labels::kIgnored).at(0).label, "1");
}

TEST(Examples, SkipsEmptyLinesByteOrderMarkAndCarriageReturns) {
  const auto examples = read("\xEF\xBB\xBFsentence\tlabel\r\n\r\na\t1\r\n\n", "sst2");
  ASSERT_EQ(examples.size(), 1U);
  EXPECT_EQ(examples[0].label, "1");
  EXPECT_EQ(examples[0].line, 3U);
}

TEST(Examples, ReadsHeadersInAnyCase) {
  const auto examples = read("Label\tTEXT\n1\tgood film\n", "sst2");
  ASSERT_EQ(examples.size(), 1U);
  EXPECT_EQ(examples[0].first, "good film");
  EXPECT_EQ(examples[0].label, "1");
  EXPECT_EQ(read("Label\tsentence\tlabel\ngood\ta film\t1\n", "sst2").at(0).label, "1");
}

TEST(Examples, ReadsJsonLines) {
  const auto examples = read(R"({"sentence": "a\tb", "label": 1})"
                             "\n"
                             R"({"label": "positive", "text": "c"})",
                             "sst2", ExampleFormat::kJsonLines);
  ASSERT_EQ(examples.size(), 2U);
  EXPECT_EQ(examples[0].first, "a\tb");
  EXPECT_EQ(examples[0].label, "1");
  EXPECT_EQ(examples[1].label, "positive");
}

TEST(Examples, ReadsUnlabelledTextKeepingEmptyLines) {
  const auto lines = read("a\n\nb\n", "sst2", ExampleFormat::kText, Labels::kIgnored);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[1].first, "");
  EXPECT_EQ(read("a\tb\n", "rte", ExampleFormat::kText, Labels::kIgnored).at(0).second, "b");
  EXPECT_EQ(read("a\n", "sst2", ExampleFormat::kTsv, Labels::kIgnored).at(0).label, "");
  EXPECT_EQ(read("sentence\na\n", "sst2", ExampleFormat::kTsv, Labels::kIgnored).size(), 1U);
  EXPECT_EQ(read("{\"text\":\"a\"}", "sst2", ExampleFormat::kJsonLines, Labels::kIgnored).size(),
            1U);
}

TEST(Examples, NamesFileAndLineOfEveryProblem) {
  EXPECT_THAT(error("", "sst2"), HasSubstr("file: no rows"));
  EXPECT_THAT(error("sentence\tlabel\n", "sst2"), HasSubstr("file: no rows"));
  EXPECT_THAT(error("sentence\tlabel\na\t1\nb\n", "sst2"),
              HasSubstr("file:3: 1 tab-separated columns, expected 2 (sentence, label)"));
  EXPECT_THAT(error("id\ttext\tlabel\n0\ta\n", "sst2"),
              HasSubstr("file:2: 2 tab-separated columns, expected 3 (id, text, label)"));
  EXPECT_THAT(error("a\tb\t1\tx\n", "rte"), HasSubstr("file:1: 4 tab-separated columns"));
  EXPECT_THAT(error("sentence\tlabel\na\t1\n", "rte"),
              HasSubstr("file:1: the header lacks the column 'sentence1'; found sentence, label, "
                        "expected sentence1, sentence2, label for task 'rte'"));
  EXPECT_THAT(error("sentence\na\n", "sst2"), HasSubstr("the header lacks the column 'label'"));
  EXPECT_THAT(error("a\t1\nb\xFF\t1\n", "sst2"),
              HasSubstr("file:2: not valid UTF-8 at byte offset 1 of the line (0xff)"));
}

TEST(Examples, NamesWhatIsWrongInJsonLines) {
  const auto json_error = [](const std::string& line) {
    return error(line, "sst2", ExampleFormat::kJsonLines);
  };
  EXPECT_THAT(json_error("[1]"), HasSubstr("file:1: not a JSON object"));
  EXPECT_THAT(json_error("{"), HasSubstr("file:1: not a JSON object"));
  EXPECT_THAT(json_error(R"({"label": 1})"), HasSubstr("file:1: the object lacks the key"));
  EXPECT_THAT(json_error(R"({"sentence": "a"})"), HasSubstr("lacks the key 'label'"));
  EXPECT_THAT(json_error(R"({"sentence": 3, "label": 1})"),
              HasSubstr("'sentence' is of type number, expected a string"));
  EXPECT_THAT(json_error(R"({"sentence": "a", "label": null})"), HasSubstr("the label is null"));
  EXPECT_THAT(error("a\n", "sst2", ExampleFormat::kText), HasSubstr("plain text has no labels"));
}

TEST(Examples, AreOfAKindThatTheFileNameTells) {
  EXPECT_EQ(format_of("a/train.TSV"), ExampleFormat::kTsv);
  EXPECT_EQ(format_of("a.b/c.json"), ExampleFormat::kJsonLines);
  for (const std::string name : {"train.csv", "train", "/dev/stdin"}) {
    EXPECT_THAT(
        [&] { format_of(name); },
        testing::ThrowsMessage<DataError>(testing::HasSubstr(
            "'" + name + "': what kind of file is this? Expected a name that ends in .tsv")));
  }
}

TEST(Examples, NamesAMissingFile) {
  EXPECT_THAT(error_of<IoError>([] {
                read_examples("no/such/file.tsv", find_task("sst2"), Labels::kRequired,
                              [](const Example&) {});
              }),
              HasSubstr("cannot read 'no/such/file.tsv': No such file"));
}

}  // namespace
}  // namespace prumux::text
