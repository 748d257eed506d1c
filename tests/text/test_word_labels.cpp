#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/text/conll.h"
#include "core/text/dataset.h"
#include "core/text/entities.h"
#include "core/text/masking.h"
#include "prumux/error.h"
#include "tests/text/support.h"

namespace prumux::text {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<Sentence> read(const std::string& content, Labels labels = Labels::kRequired) {
  std::istringstream stream(content);
  std::vector<Sentence> sentences;
  read_conll(stream, "x.conll", labels,
             [&](const Sentence& sentence) { sentences.push_back(sentence); });
  return sentences;
}

TEST(Conll, TakesTheFirstAndTheLastColumn) {
  const auto sentences = read(
      "-DOCSTART- -X- O O\n\nEU NNP B-NP B-ORG\nrejects VBZ B-VP O\n\n\n"
      "\xE2\x80\xA6\tB-loc\r\n");
  ASSERT_EQ(sentences.size(), 2U);
  EXPECT_THAT(sentences[0].words, ElementsAre("EU", "rejects"));
  EXPECT_THAT(sentences[0].labels, ElementsAre("B-ORG", "O"));
  EXPECT_THAT(sentences[0].lines, ElementsAre(3, 4));
  EXPECT_THAT(sentences[1].words, ElementsAre("\xE2\x80\xA6"));
  EXPECT_THAT(sentences[1].labels, ElementsAre("B-loc"));
}

TEST(Conll, NeedsLabelsOnlyWhereTheyAreUsed) {
  EXPECT_THAT(error_of<DataError>([] { read("EU\n"); }),
              HasSubstr("x.conll:1: one column, expected a word and, in the last of several "
                        "columns, its label"));
  EXPECT_THAT(read("EU\nrejects\n", Labels::kIgnored)[0].words, ElementsAre("EU", "rejects"));
}

TEST(Conll, SaysWhatIsWrong) {
  EXPECT_EQ(error_of<DataError>([] { read("\n \n"); }),
            "x.conll: no sentences; expected lines of a word and its label");
  EXPECT_EQ(error_of<DataError>([] { read("a O\n\tO\n"); }),
            "x.conll:2: the line begins with a separator, expected a word");
  EXPECT_THAT(error_of<DataError>([] { read("a O\n\xFF O\n"); }),
              HasSubstr("x.conll:2: not valid UTF-8"));
}

/// Made by seqeval: tests/data/entities/make_reference.py.
TEST(EntityReference, EntitiesAndScoresEqualThoseOfSeqeval) {
  std::ifstream stream(std::filesystem::path(PRUMUX_TEST_DATA) / "entities" / "reference.jsonl");
  std::size_t rows = 0;
  for (std::string line; std::getline(stream, line); ++rows) {
    const json row = json::parse(line);
    std::vector<std::string> names;
    const auto ids_of = [&](const json& sentences) {
      LabelRows ids;
      for (const json& sentence : sentences) {
        ids.emplace_back();
        for (const json& label : sentence) {
          const auto name = std::find(names.begin(), names.end(), label);
          ids.back().push_back(name - names.begin());
          if (name == names.end()) names.push_back(label);
        }
      }
      return ids;
    };
    for (std::size_t i = 0; i < row.at("actual").size(); ++i) {
      const auto labels = row.at("actual")[i].get<std::vector<std::string>>();
      json found = json::array();
      for (const Entity& entity : find_entities(labels))
        found.push_back({entity.type, entity.begin, entity.end});
      EXPECT_EQ(found, row.at("entities")[i]) << row.at("actual")[i];
    }
    const LabelRows actual = ids_of(row.at("actual"));
    const LabelRows predicted = ids_of(row.at("predicted"));
    const Scores scores = score_labelled_words(find_task("ner"), names, predicted, actual);
    for (const auto& [name, value] : scores)
      EXPECT_NEAR(value, row.at(name).get<double>(), 1e-12) << name << " of " << line;
    EXPECT_EQ(scores.size(), 4U);
  }
  EXPECT_EQ(rows, 120U);
}

TEST(LabelledWords, OfPartsOfSpeechHaveAnAccuracyOnly) {
  const Scores scores =
      score_labelled_words(find_task("pos"), {"NN", "VB"}, {{0, 1}, {1}}, {{0, 0}, {1}});
  EXPECT_EQ(scores, (Scores{{"accuracy", 2.0 / 3.0}}));
}

TEST(LabelledWords, RefuseWhatCannotBeScored) {
  const Task& task = find_task("ner");
  EXPECT_EQ(error_of<DataError>([&] { score_labelled_words(task, {"O"}, {{}}, {{}}); }),
            "cannot score labels of words: there is no word");
  EXPECT_EQ(error_of<DataError>([&] {
              score_labelled_words(task, {"O"}, {{0, 0}}, {{0}});
            }),
            "cannot score predicted labels of other words than those that have labels");
  EXPECT_EQ(error_of<DataError>([&] { score_labelled_words(task, {"O"}, {{1}}, {{0}}); }),
            "cannot score the class 1, expected 0 to 0");
}

class WordLabelDataset : public testing::Test {
 protected:
  Dataset open(const std::string& content, std::size_t max_length = 128) const {
    const auto file = folder_.write("train.conll", content);
    DatasetOptions options;
    options.cache_folder = folder_.path() / "cache";
    options.max_length = max_length;
    return Dataset::open(find_task("ner"), file, small_tokenizer(), options);
  }

  TemporaryFolder folder_;
};

TEST_F(WordLabelDataset, LabelsTheFirstTokenOfEachWord) {
  folder_.write("labels.txt", "O\nB-x\n");
  // "abc" is a, ##b, ##c; "b" is one token.
  const Dataset dataset = open("abc B-x\nb O\n\nd B-x\n");
  ASSERT_EQ(dataset.size(), 2U);
  EXPECT_TRUE(dataset.labels_words());
  EXPECT_THAT(dataset.ids(0), ElementsAre(2, 5, 9, 10, 6, 3));
  EXPECT_EQ(dataset.length(0), 6U);
  EXPECT_THAT(dataset.word_labels(0), ElementsAre(-100, 1, -100, -100, 0, -100));
  EXPECT_THAT(dataset.word_labels(1), ElementsAre(-100, 1, -100));
  EXPECT_THAT(dataset.lengths(), ElementsAre(6, 3));
  EXPECT_EQ(dataset.label_count(), 2U);
}

TEST_F(WordLabelDataset, LosesWordsBehindTheMaximumLength) {
  folder_.write("labels.txt", "O\nB-x\n");
  const Dataset dataset = open("abc B-x\nb O\n", 4);
  EXPECT_THAT(dataset.ids(0), ElementsAre(2, 5, 9, 3));
  EXPECT_THAT(dataset.word_labels(0), ElementsAre(-100, 1, -100, -100));
}

TEST_F(WordLabelDataset, NeedsTheNamesOfTheLabels) {
  EXPECT_THAT(error_of<DataError>([&] { open("a O\n"); }),
              HasSubstr("needs the names of task ner's labels: put a labels.txt beside it"));
  folder_.write("labels.txt", "O\nB-x\n");
  EXPECT_THAT(error_of<DataError>([&] { open("a O\nb B-y\n"); }),
              HasSubstr("train.conll:2: the label is 'B-y', expected one of O, B-x"));
}

}  // namespace
}  // namespace prumux::text
