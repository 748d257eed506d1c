#include "fixture.h"

namespace {

constexpr PrumuxMethodV1 newer() {
  PrumuxMethodV1 method = fixture::method("newer");
  method.interface_version = PRUMUX_PERFORMANCE_MODEL_INTERFACE + 1;
  return method;
}

constexpr PrumuxMethodV1 kMethods[] = {newer()};

}  // namespace

FIXTURE_PLUGIN(fixture::plugin("newer_interface", kMethods));
