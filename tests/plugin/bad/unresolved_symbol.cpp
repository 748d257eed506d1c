#include "fixture.h"

extern "C" void prumux_test_function_that_nobody_defines(void*);

namespace {

constexpr PrumuxMethodV1 unresolved() {
  PrumuxMethodV1 method = fixture::method("unresolved");
  method.destroy = &prumux_test_function_that_nobody_defines;
  return method;
}

constexpr PrumuxMethodV1 kMethods[] = {unresolved()};

}  // namespace

FIXTURE_PLUGIN(fixture::plugin("unresolved_symbol", kMethods));
