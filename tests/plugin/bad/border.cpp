#include "fixture.h"

// Its C functions let exceptions out, or claim success without a result.

namespace {

int throw_number(const void*, void**, PrumuxErrorV1*) { throw 42; }
int succeed_without_instance(const void*, void**, PrumuxErrorV1*) { return PRUMUX_DONE; }

constexpr PrumuxMethodV1 with_create(const char* name,
                                     int (*create)(const void*, void**, PrumuxErrorV1*)) {
  PrumuxMethodV1 method = fixture::method(name);
  method.create = create;
  return method;
}

constexpr PrumuxMethodV1 kMethods[] = {
    with_create("leaks-exception", &throw_number),
    with_create("makes-nothing", &succeed_without_instance),
};

}  // namespace

FIXTURE_PLUGIN(fixture::plugin("border", kMethods));
