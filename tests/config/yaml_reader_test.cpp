#include "core/config/yaml_reader.h"

#include <spdlog/fmt/fmt.h>

#include "helpers.h"

namespace prumux::config {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string parse_error(const std::string& text) {
  return error_of([&] { parse(text); });
}

TEST(YamlReader, GivesEveryValueItsLineAndColumn) {
  const Value root = parse("a: 1\nb:\n  - x\n  - {c: \"q\"}\n");
  EXPECT_EQ(root.at("a").place.text(), "p.yaml:1:4");
  EXPECT_EQ(root.at("b").items[0].place.text(), "p.yaml:3:5");
  const Value& quoted = root.at("b").items[1].at("c");
  EXPECT_EQ(quoted.place.text(), "p.yaml:4:9");
  EXPECT_TRUE(quoted.quoted);
  EXPECT_EQ(root.entries[1].key_place.text(), "p.yaml:2:1");
}

TEST(YamlReader, KeepsTheOrderOfTheFile) {
  const Value root = parse("z: 1\na: 2\nm: 3\n");
  EXPECT_EQ(root.entries[0].key, "z");
  EXPECT_EQ(root.entries[1].key, "a");
  EXPECT_EQ(root.entries[2].key, "m");
}

TEST(YamlReader, TreatsTildeEmptyAndNullAsNothing) {
  const Value root = parse("a: ~\nb:\nc: null\nd: 'null'\n");
  EXPECT_TRUE(root.at("a").is_null());
  EXPECT_TRUE(root.at("b").is_null());
  EXPECT_TRUE(root.at("c").is_null());
  EXPECT_EQ(root.at("d").string(), "null");
}

TEST(YamlReader, RefusesAKeyThatIsThereTwice) {
  EXPECT_EQ(parse_error("a: 1\nb: 2\na: 3\n"),
            "p.yaml:3:1: the key 'a' is there twice - the first is at p.yaml:1:1; remove one");
}

TEST(YamlReader, NamesThePlaceOfASyntaxError) {
  EXPECT_THAT(parse_error("a: 1\nb: [1, 2\n"), StartsWith("p.yaml:3:1: not valid YAML: "));
  EXPECT_THAT(parse_error("a: 1\n  b: 2\n"), StartsWith("p.yaml:2:4: not valid YAML: "));
}

TEST(YamlReader, NamesThePlaceOfBytesThatAreNotUtf8) {
  EXPECT_EQ(parse_error("a: 1\nb: caf\xe9\n"),
            "p.yaml:2:7: not UTF-8 - expected YAML in UTF-8; convert the file with iconv");
  EXPECT_THAT(parse_error(std::string("a: \0", 4)), StartsWith("p.yaml:1:4: a zero byte"));
  EXPECT_THAT(parse_error("a: \"x\\0y\"\n"), StartsWith("p.yaml:1:4: a zero byte"));
  EXPECT_THAT(parse_error("\"x\\0y\": 1\n"), StartsWith("p.yaml:1:1: a zero byte"));
}

TEST(YamlReader, RefusesTagsAndSecondDocumentsAndComplexKeys) {
  EXPECT_EQ(parse_error("a: !!python/object x\n"),
            "p.yaml:1:4: the tag 'tag:yaml.org,2002:python/object' - expected a value without a "
            "tag");
  EXPECT_THAT(parse_error("a: 1\n---\nb: 2\n"), HasSubstr("a second document"));
  EXPECT_THAT(parse_error("? [a, b]\n: 1\n"), HasSubstr("a key that is not text"));
}

TEST(YamlReader, RefusesAliasesThatContainThemselvesOrMultiply) {
  EXPECT_THAT(parse_error("a: &x [*x]\n"), HasSubstr("p.yaml:1:"));
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 8; ++i) {
    bomb += fmt::format("a{0}: &a{0} [{1}", i, fmt::format("*a{}", i - 1));
    for (int j = 1; j < 10; ++j) bomb += fmt::format(", *a{}", i - 1);
    bomb += "]\n";
  }
  EXPECT_THAT(parse_error(bomb), HasSubstr("too many nested values"));
}

TEST(YamlReader, RefusesDeepNestingWithoutOverflowingTheStack) {
  EXPECT_THAT(parse_error("a: " + std::string(100'000, '[')), StartsWith("p.yaml:1:"));
}

}  // namespace
}  // namespace prumux::config
