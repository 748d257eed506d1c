#include "fixture.h"

namespace {

constexpr PrumuxMethodV1 without_summary() {
  PrumuxMethodV1 method = fixture::method("silent");
  method.summary = nullptr;
  return method;
}

constexpr PrumuxMethodV1 kMethods[] = {without_summary()};

}  // namespace

FIXTURE_PLUGIN(fixture::plugin("null_text", kMethods));
