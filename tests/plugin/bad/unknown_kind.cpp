#include "fixture.h"

namespace {

constexpr PrumuxMethodV1 strange() {
  PrumuxMethodV1 method = fixture::method("strange");
  method.kind = 99;
  return method;
}

constexpr PrumuxMethodV1 kMethods[] = {strange()};

}  // namespace

FIXTURE_PLUGIN(fixture::plugin("unknown_kind", kMethods));
