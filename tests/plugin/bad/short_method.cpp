#include "fixture.h"

namespace {

constexpr PrumuxMethodV1 shortened() {
  PrumuxMethodV1 method = fixture::method("short");
  method.struct_size = 16;
  return method;
}

constexpr PrumuxMethodV1 kMethods[] = {shortened()};

}  // namespace

FIXTURE_PLUGIN(fixture::plugin("short_method", kMethods));
