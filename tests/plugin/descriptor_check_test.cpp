#include "core/plugin/descriptor_check.h"

#include <gmock/gmock.h>

#include "bad/fixture.h"
#include "prumux/error.h"
#include "tests/support/error_of.h"

namespace prumux::plugin {
namespace {

using testing::HasSubstr;

PrumuxMethodV1 stage(const char* name, std::uint32_t capabilities = 0,
                     std::span<const PrumuxParameterV1> parameters = {}) {
  PrumuxMethodV1 method = fixture::method(name, parameters);
  method.kind = PRUMUX_STAGE;
  method.capabilities = capabilities;
  return method;
}

std::string problem_of(const PrumuxMethodV1& method) {
  return test::error_of<PluginError>([&] {
    check_descriptor(fixture::plugin("stages", {&method, 1}));
  });
}

PrumuxParameterV1 text_called(const char* name) {
  return {name, PRUMUX_STRING, "x", 0.0, 0.0, nullptr, "", "a text"};
}

TEST(DescriptorCheck, RefusesAStageWhoseParameterIsTheSettingInstances) {
  const PrumuxParameterV1 instances = text_called("instances");
  EXPECT_THAT(problem_of(stage("good", 0, {&instances, 1})),
              HasSubstr("'instances' has the name of a setting that every stage has"));
}

TEST(DescriptorCheck, RefusesPointsInTheNamesOfSettings) {
  const PrumuxParameterV1 parameter = text_called("a.b");
  EXPECT_THAT(problem_of(stage("good", 0, {&parameter, 1})), HasSubstr("it has a '.' in its name"));
  EXPECT_THAT(problem_of(stage("my.stage")), HasSubstr("it has a '.' in its name"));
}

TEST(DescriptorCheck, RefusesAStageAfterTheCellsThatReadsTheModelOfOne) {
  for (const std::uint32_t other :
       {PRUMUX_READS_MODEL, PRUMUX_NEEDS_TEACHER, PRUMUX_WRITES_MODEL}) {
    EXPECT_THAT(problem_of(stage("late", PRUMUX_RUNS_AFTER_CELLS | other)),
                HasSubstr("it runs after the cells, and reads or writes the model of a cell"));
  }
  const PrumuxMethodV1 late = stage("late", PRUMUX_RUNS_AFTER_CELLS | PRUMUX_READS_HELD_OUT_DATA);
  EXPECT_NO_THROW(check_descriptor(fixture::plugin("stages", {&late, 1})));
}

}  // namespace
}  // namespace prumux::plugin
