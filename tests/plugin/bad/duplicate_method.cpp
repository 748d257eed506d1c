#include "fixture.h"

namespace {

constexpr PrumuxMethodV1 kMethods[] = {fixture::method("unique"), fixture::method("constant")};

}  // namespace

FIXTURE_PLUGIN(fixture::plugin("duplicate_method", kMethods));
