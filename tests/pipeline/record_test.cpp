#include "core/pipeline/record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/config/yaml_reader.h"

namespace prumux::pipeline {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Record record_of(const std::string& yaml) {
  Record record;
  record.add("", config::parse_yaml(yaml, {"p.yaml", 1, 1, "/"}));
  return record;
}

TEST(Record, HasAKeyThatDependsOnNamesAndValuesOnly) {
  EXPECT_EQ(record_of("a: 1\nb: 2\n").key(), record_of("b: 2\n\na: 1\n").key());
  EXPECT_NE(record_of("a: 1\n").key(), record_of("a: 2\n").key());
  EXPECT_NE(record_of("a: 12\nb: 3\n").key(), record_of("a: 1\nb: 23\n").key());
  EXPECT_NE(record_of("a: 1\n").key(), record_of("a: 1\nb: 1\n").key());
  EXPECT_EQ(record_of("a: 1\n").key().size(), 40U);
}

TEST(Record, FlattensMapsAndLists) {
  const Record record = record_of("a: {b: {c: 1}}\nlist: [1, 2]\nmaps: [{x: 3}]\n");
  ASSERT_EQ(record.entries().size(), 3U);
  EXPECT_EQ(record.entries()[0].name, "a.b.c");
  EXPECT_EQ(record.entries()[1].value, "[1, 2]");
  EXPECT_EQ(record.entries()[2].name, "maps.0.x");
}

TEST(Record, SurvivesItsFile) {
  Record record = record_of("a: {b: 1}\n");
  record.add({"teacher", "abc", Record::Kind::input});
  const Record again = Record::from_json(record.to_json());
  EXPECT_EQ(again.key(), record.key());
  EXPECT_EQ(again.entries().back().kind, Record::Kind::input);
}

TEST(Differences, SayWhatHasChangedAndWhereItIsWritten) {
  EXPECT_THAT(differences(record_of("rate: 0.1\nx: 1\n"), record_of("rate: 0.2\nx: 1\n")),
              ElementsAre("rate 0.1 -> 0.2 (p.yaml:1:7)"));
  EXPECT_THAT(differences(record_of("a: 1\n"), record_of("b: 1\n")),
              ElementsAre("b (not there) -> 1 (p.yaml:1:4)", "a 1 -> (not there)"));
  EXPECT_THAT(differences(record_of("a: 1\n"), record_of("a: 1\n")), IsEmpty());
}

TEST(Differences, NameFilesAndInputsWithoutTheirHashes) {
  Record old;
  old.add({"data.train", "1111", Record::Kind::content, "p.yaml:2:3"});
  old.add({"teacher", "2222", Record::Kind::input});
  Record now;
  now.add({"data.train", "3333", Record::Kind::content, "p.yaml:2:3"});
  now.add({"teacher", "4444", Record::Kind::input});
  EXPECT_THAT(differences(old, now),
              ElementsAre("the content of data.train has changed (p.yaml:2:3)",
                          "its input 'teacher' is another one"));
}

}  // namespace
}  // namespace prumux::pipeline
