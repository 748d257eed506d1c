#include "core/config/print.h"

#include "core/config/overrides.h"
#include "helpers.h"

namespace prumux::config {
namespace {

TEST(Print, ReadsBackAsTheSameTree) {
  const std::string text =
      "name: quickstart\n"
      "quoted: \"5\"\n"
      "odd: 'a: # b'\n"
      "list: [1, 2]\n"
      "stages:\n  - {stage: x, steps: 1}\n  - {stage: y}\n"
      "empty: {}\nnone: []\n";
  const std::string printed = to_yaml(parse(text));
  EXPECT_EQ(to_yaml(parse(printed)), printed);
  const Value again = parse(printed);
  EXPECT_TRUE(again.at("quoted").quoted);
  EXPECT_EQ(again.at("odd").text, "a: # b");
  EXPECT_EQ(again.at("stages").items[1].at("stage").text, "y");
  EXPECT_TRUE(again.at("empty").is_map());
  EXPECT_TRUE(again.at("none").is_list());
}

TEST(Print, SaysWhereEachValueComesFrom) {
  Value root = parse("a: 1\nb: {c: [1, 2]}\n");
  apply_override(root, "a=2");
  EXPECT_EQ(to_yaml(root, true), "a: 2  # --set a=2\nb:\n  c: [1, 2]  # p.yaml:2:8\n");
}

}  // namespace
}  // namespace prumux::config
