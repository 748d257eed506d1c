#include "core/config/plugin_schema.h"

#include "core/config/validate.h"
#include "helpers.h"

namespace prumux::config {
namespace {

const PrumuxParameterV1 kParameters[] = {
    {"target", PRUMUX_REAL, nullptr, 0, 1, nullptr, "share", "share to remove"},
    {"steps", PRUMUX_INTEGER, "10", 1, HUGE_VAL, nullptr, "", "warm-up"},
    {"kind", PRUMUX_STRING, "heads", -HUGE_VAL, HUGE_VAL, "heads|mlp", "", "what"},
    {"on", PRUMUX_BOOLEAN, "true", -HUGE_VAL, HUGE_VAL, nullptr, "", "switch"},
    {"weights", PRUMUX_REAL_LIST, "[0.9, 0.1]", 0, 1, nullptr, "", "weights"},
};

TEST(PluginSchema, GivesTheMethodItsTypedParametersAndDefaults) {
  const auto fields = fields_of(kParameters, 5);
  const Parameters parameters =
      parameters_of(validate(parse("target: 0.6\nkind: mlp\n"), fields), kParameters, 5);
  EXPECT_DOUBLE_EQ(parameters.real("target"), 0.6);
  EXPECT_EQ(parameters.integer("steps"), 10);
  EXPECT_EQ(parameters.string("kind"), "mlp");
  EXPECT_TRUE(parameters.boolean("on"));
  EXPECT_EQ(parameters.real_list("weights"), (std::vector<double>{0.9, 0.1}));
}

TEST(PluginSchema, ChecksLikeTheCoresOwnFields) {
  const auto fields = fields_of(kParameters, 5);
  EXPECT_EQ(
      error_of([&] { validate(parse("target: 1.5\nweights: [0.5, 7]\nkind: mpl\n"), fields); }),
      "3 problems in the configuration:\n"
      "  p.yaml:1:9: target '1.5' - expected a number from 0 to 1 (share)\n"
      "  p.yaml:3:7: kind 'mpl' - expected one of heads, mlp (did you mean 'mlp'?)\n"
      "  p.yaml:2:16: weights.1 '7' - expected a number from 0 to 1");
  EXPECT_EQ(error_of([&] { validate(parse("steps: 2\n"), fields); }),
            "p.yaml:1:1: 'target' is missing - expected a number from 0 to 1 (share): share to "
            "remove");
}

}  // namespace
}  // namespace prumux::config
