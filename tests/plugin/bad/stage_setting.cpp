#include "fixture.h"

namespace {

constexpr PrumuxParameterV1 kParameters[] = {
    {"from", PRUMUX_STRING, "x", 0.0, 0.0, nullptr, "", "clashes with the stage's own"},
};

constexpr PrumuxMethodV1 stage() {
  PrumuxMethodV1 method = fixture::method("clashing", kParameters);
  method.kind = PRUMUX_STAGE;
  return method;
}

constexpr PrumuxMethodV1 kMethods[] = {stage()};

}  // namespace

FIXTURE_PLUGIN(fixture::plugin("stage_setting", kMethods));
