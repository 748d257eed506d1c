#include <cstring>

#include "fixture.h"

// Recognises every model, with a parameter that its own schema does not have.

namespace {

int recognise(const char*, char* parameters_json, uint32_t) {
  std::strcpy(parameters_json, R"({"colour": "red"})");
  return 1;
}

constexpr PrumuxMethodV1 greedy() {
  PrumuxMethodV1 method = fixture::method("greedy");
  method.kind = PRUMUX_MULTIPLEXER;
  method.recognise = &recognise;
  return method;
}

constexpr PrumuxMethodV1 kMethods[] = {greedy()};

}  // namespace

FIXTURE_PLUGIN(fixture::plugin("recognises_wrongly", kMethods));
