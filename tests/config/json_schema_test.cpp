#include "core/config/json_schema.h"

#include <gmock/gmock.h>

namespace prumux::config {
namespace {

using Json = nlohmann::ordered_json;

/// A section whose fields depend on its method, as those of plugins do.
Field method_field() {
  const Field method{.name = "method", .help = "name of the method"};
  return {.name = "compressor",
          .type = Type::map,
          .choose = [](const Value&, Problems&) { return std::nullopt; },
          .variants =
              [method] {
                Field first = method;
                first.choices = {"a"};
                Field second = method;
                second.choices = {"b"};
                return std::vector<std::vector<Field>>{
                    {first, {.name = "rate", .type = Type::real, .minimum = 0, .maximum = 1}},
                    {second}};
              }};
}

TEST(JsonSchema, TellsTypeRangeDefaultAndHelp) {
  const Json schema = json_schema({{.name = "steps",
                                    .type = Type::integer,
                                    .default_value = "10",
                                    .minimum = 1,
                                    .unit = "steps",
                                    .help = "how long"}});
  EXPECT_EQ(schema["properties"]["steps"], Json({{"description", "how long (steps)"},
                                                 {"type", "integer"},
                                                 {"minimum", 1.0},
                                                 {"default", 10}}));
  EXPECT_EQ(schema["additionalProperties"], false);
}

TEST(JsonSchema, ListsChoicesItemsAndFreeKeys) {
  const Json schema = json_schema(
      {{.name = "kind", .choices = {"one", "two"}},
       {.name = "rates", .type = Type::list, .element = element({.type = Type::real})},
       {.name = "grid", .type = Type::map, .element = element({.type = Type::scalar})}});
  EXPECT_EQ(schema["properties"]["kind"]["enum"], Json({"one", "two"}));
  EXPECT_EQ(schema["properties"]["rates"]["items"]["type"], "number");
  EXPECT_EQ(schema["properties"]["grid"]["additionalProperties"]["type"],
            Json({"string", "number", "boolean"}));
}

TEST(JsonSchema, GivesEachMethodItsOwnKeys) {
  const Json section = json_schema({method_field()})["properties"]["compressor"];
  EXPECT_EQ(section["properties"]["method"]["enum"], Json({"a", "b"}));
  EXPECT_EQ(section["allOf"][0]["if"]["properties"]["method"]["const"], "a");
  EXPECT_EQ(section["allOf"][0]["then"]["properties"]["rate"]["maximum"], 1.0);
  EXPECT_FALSE(section["allOf"][1]["then"]["properties"].contains("rate"));
}

TEST(JsonSchema, KnowsThatAFileMayExtendOthers) {
  EXPECT_TRUE(json_schema({})["properties"].contains("extends"));
}

}  // namespace
}  // namespace prumux::config
