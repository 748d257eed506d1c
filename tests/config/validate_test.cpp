#include "core/config/validate.h"

#include "helpers.h"

namespace prumux::config {
namespace {

std::vector<Field> fields() {
  return {
      {.name = "steps",
       .type = Type::integer,
       .required = true,
       .minimum = 1,
       .unit = "steps",
       .help = "optimiser steps"},
      {.name = "rate", .type = Type::real, .default_value = "1e-4", .minimum = 0, .maximum = 1},
      {.name = "schedule", .default_value = "linear", .choices = {"linear", "constant"}},
      {.name = "root", .type = Type::path},
      {.name = "freeze", .type = Type::boolean, .default_value = "false"},
      {.name = "files", .type = Type::list, .element = element({.type = Type::path})},
      {.name = "skip_if", .type = Type::map, .element = element({.type = Type::scalar})},
      {.name = "inner",
       .type = Type::map,
       .fields = {{.name = "size", .type = Type::integer, .default_value = "3"}}},
  };
}

std::string problem_of(const std::string& text) {
  return error_of([&] { validate(parse(text), fields()); });
}

TEST(Validate, FillsDefaultsInTheOrderOfTheSchema) {
  const Value result = validate(parse("inner: {}\nsteps: 5\n"), fields());
  EXPECT_EQ(result.entries[0].key, "steps");
  EXPECT_EQ(result.at("steps").integer(), 5);
  EXPECT_DOUBLE_EQ(result.at("rate").real(), 1e-4);
  EXPECT_EQ(result.at("rate").place.text(), "default");
  EXPECT_FALSE(result.at("freeze").boolean());
  EXPECT_EQ(result.at("inner").at("size").integer(), 3);
  EXPECT_FALSE(result.has("root"));
}

TEST(Validate, GivesEqualNumbersEqualTextsAndMakesPathsAbsolute) {
  const Value result =
      validate(parse("steps: +5\nrate: 0.10\nroot: ../x\nfiles: [a, /b]\n"), fields());
  EXPECT_EQ(result.at("steps").text, "5");
  EXPECT_EQ(result.at("rate").text, "0.1");
  EXPECT_EQ(result.at("root").text, "/x");
  EXPECT_EQ(result.at("files").strings(), (std::vector<std::string>{"/base/a", "/b"}));
}

TEST(Validate, ADefaultPathBeginsWhereThoseOfItsMapDo) {
  EXPECT_EQ(
      validate(parse("{}"), {{.name = "train", .default_value = "train.tsv"}}).at("train").path(),
      "/base/train.tsv");
}

TEST(Validate, TreatsNullAsAbsent) {
  EXPECT_EQ(validate(parse("steps: 1\nrate: ~\n"), fields()).at("rate").text, "0.0001");
  EXPECT_EQ(problem_of("steps:\n"),
            "p.yaml:1:1: 'steps' is missing - expected an integer of at least 1 (steps): "
            "optimiser steps");
}

TEST(Validate, SuggestsTheNearestKey) {
  EXPECT_EQ(problem_of("steps: 1\nschedul: linear\n"),
            "p.yaml:2:1: unknown key 'schedul' - did you mean 'schedule'?");
  EXPECT_EQ(problem_of("steps: 1\ninner: {width: 2}\n"),
            "p.yaml:2:9: unknown key 'width' in 'inner' - expected one of size");
}

TEST(Validate, NamesTheValueAndWhatWasExpected) {
  EXPECT_EQ(problem_of("steps: many\n"),
            "p.yaml:1:8: steps 'many' - expected an integer of at least 1 (steps)");
  EXPECT_EQ(problem_of("steps: 1\nrate: 2\n"),
            "p.yaml:2:7: rate '2' - expected a number from 0 to 1");
  EXPECT_EQ(problem_of("steps: 1\nschedule: linaer\n"),
            "p.yaml:2:11: schedule 'linaer' - expected one of linear, constant (did you mean "
            "'linear'?)");
  EXPECT_EQ(problem_of("steps: 1\nfreeze: yes\n"),
            "p.yaml:2:9: freeze 'yes' - expected true or false");
  EXPECT_EQ(problem_of("steps: \"1\"\n"),
            "p.yaml:1:8: steps '1' in quotes - expected an integer of at least 1 (steps)");
  EXPECT_EQ(problem_of("steps: 1\nfiles: a\n"),
            "p.yaml:2:8: files 'a' - expected a list, each entry a path");
  EXPECT_EQ(problem_of("steps: 1\nrate: [1]\n"),
            "p.yaml:2:7: rate is a list - expected a number from 0 to 1");
  EXPECT_EQ(problem_of("steps: 1\ninner: {size: 1.5}\n"),
            "p.yaml:2:15: inner.size '1.5' - expected an integer");
}

TEST(Validate, RefusesNumbersThatDoNotFit) {
  EXPECT_THAT(problem_of("steps: 99999999999999999999\n"), testing::HasSubstr("an integer"));
  EXPECT_THAT(problem_of("steps: 1\nrate: .nan\n"), testing::HasSubstr("a number"));
  EXPECT_THAT(problem_of("steps: 1\nrate: nan\n"), testing::HasSubstr("a number"));
}

TEST(Validate, ListsAllTheProblems) {
  EXPECT_EQ(problem_of("stepz: 1\nrate: x\n"),
            "3 problems in the configuration:\n"
            "  p.yaml:1:1: unknown key 'stepz' - did you mean 'steps'?\n"
            "  p.yaml:1:1: 'steps' is missing - expected an integer of at least 1 (steps): "
            "optimiser steps\n"
            "  p.yaml:2:7: rate 'x' - expected a number from 0 to 1");
}

TEST(Validate, ChoosesTheFieldsOfAMapByItsContent) {
  const Field method{
      .name = "method",
      .type = Type::map,
      .choose = [](const Value& given, Problems& problems) -> std::optional<std::vector<Field>> {
        const Value* name = given.find("name");
        if (name == nullptr || name->text != "known") {
          problems.add(given.place, "unknown method");
          return std::nullopt;
        }
        return std::vector<Field>{{.name = "name"},
                                  {.name = "x", .type = Type::integer, .default_value = "7"}};
      }};
  EXPECT_EQ(validate(parse("method: {name: known}\n"), {method}).at("method").at("x").text, "7");
  EXPECT_EQ(error_of([&] { validate(parse("method: {name: other, y: 1}\n"), {method}); }),
            "p.yaml:1:9: unknown method");
}

TEST(Validate, NamesTheMapAroundADefaultMapThatLacksARequiredValue) {
  const Field outer{.name = "outer",
                    .type = Type::map,
                    .fields = {{.name = "params",
                                .type = Type::map,
                                .default_value = "{}",
                                .fields = {{.name = "target", .required = true}}}}};
  EXPECT_EQ(error_of([&] { validate(parse("outer: {}\n"), {outer}); }),
            "p.yaml:1:8: 'outer.params.target' is missing - expected text");
}

}  // namespace
}  // namespace prumux::config
