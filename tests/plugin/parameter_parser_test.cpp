#include "core/plugin/parameter_parser.h"

#include "fixtures.h"
#include "prumux/error.h"

namespace prumux::plugin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ParameterParser : public PluginFolderTest {
 protected:
  void SetUp() override {
    PluginFolderTest::SetUp();
    add("good");
  }

  Parameters parse(const std::vector<std::pair<std::string, std::string>>& texts) {
    Registry registry({folder()});
    return parse_parameters(*registry.find(PRUMUX_PERFORMANCE_MODEL, "constant").descriptor, texts);
  }

  std::string problem(const std::vector<std::pair<std::string, std::string>>& texts) {
    return error_of<ConfigError>([&] { parse(texts); });
  }
};

TEST_F(ParameterParser, FillsInDefaults) {
  const Parameters parameters = parse({{"value", "0.5"}});
  EXPECT_EQ(parameters.values().size(), 4u);
  EXPECT_EQ(parameters.integer("rounds"), 3);
  EXPECT_EQ(parameters.string("label"), "");
  EXPECT_THAT(parameters.real_list("knots"), ElementsAre(0.25, 0.5));
}

TEST_F(ParameterParser, ReadsYamlAndJsonSpellings) {
  const Parameters parameters =
      parse({{"value", "1"}, {"rounds", "10"}, {"label", "\"a: b\""}, {"knots", "[0,1e-1]"}});
  EXPECT_DOUBLE_EQ(parameters.real("value"), 1.0);
  EXPECT_EQ(parameters.integer("rounds"), 10);
  EXPECT_EQ(parameters.string("label"), "a: b");
  EXPECT_THAT(parameters.real_list("knots"), ElementsAre(0.0, 0.1));
}

TEST_F(ParameterParser, RefusesAMissingRequiredParameter) {
  EXPECT_EQ(problem({}),
            "parameters of performance model 'constant': 'value' is missing - expected a number "
            "from 0 to 1 (share): what is predicted everywhere");
}

TEST_F(ParameterParser, RefusesUnknownNamesWithTheNearest) {
  EXPECT_EQ(problem({{"value", "1"}, {"ruonds", "2"}}),
            "parameters of performance model 'constant': unknown key 'ruonds' - did you mean "
            "'rounds'?");
}

TEST_F(ParameterParser, RefusesValuesOutOfRangeAndOfAnotherType) {
  EXPECT_THAT(problem({{"value", "1.5"}}),
              HasSubstr("value '1.5' - expected a number from 0 to 1 (share)"));
  EXPECT_THAT(problem({{"value", "nan"}}), HasSubstr("value 'nan' - expected a number"));
  EXPECT_THAT(problem({{"value", "1"}, {"rounds", "2.5"}}),
              HasSubstr("rounds '2.5' - expected an integer from 1 to 10 (rounds)"));
  EXPECT_THAT(problem({{"value", "1"}, {"knots", "[0, 2]"}}), HasSubstr("expected a number"));
  EXPECT_THAT(problem({{"value", "[1]"}}), HasSubstr("value is a list - expected a number"));
  EXPECT_THAT(problem({{"value", "{"}}), HasSubstr("parameters of performance model 'constant'"));
}

TEST_F(ParameterParser, RefusesAParameterThatIsGivenTwice) {
  EXPECT_EQ(problem({{"value", "1"}, {"value", "1"}}),
            "parameters of performance model 'constant': 'value' is given twice");
}

}  // namespace
}  // namespace prumux::plugin
