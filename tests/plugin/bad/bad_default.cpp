#include "fixture.h"

namespace {

constexpr PrumuxParameterV1 kParameters[] = {
    {"rate", PRUMUX_REAL, "1.5", 0.0, 1.0, nullptr, "", "how fast"},
};
constexpr PrumuxMethodV1 kMethods[] = {fixture::method("wishful", kParameters)};

}  // namespace

FIXTURE_PLUGIN(fixture::plugin("bad_default", kMethods));
