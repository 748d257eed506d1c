#include <cstring>

#include "fixture.h"

// Recognises every model, as another multiplexer also may.

namespace {

int recognise(const char*, char* parameters_json, uint32_t) {
  std::strcpy(parameters_json, "{}");
  return 1;
}

constexpr PrumuxMethodV1 everything() {
  PrumuxMethodV1 method = fixture::method("everything");
  method.kind = PRUMUX_MULTIPLEXER;
  method.recognise = &recognise;
  return method;
}

constexpr PrumuxMethodV1 kMethods[] = {everything()};

}  // namespace

FIXTURE_PLUGIN(fixture::plugin("recognises_everything", kMethods));
