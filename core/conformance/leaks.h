#pragma once

#include <functional>

namespace prumux::conformance {

/// Repeats `cycle`, which should free all that it takes. Throws `Failure` when the memory in use
/// grows in every repetition, with the bytes that one of them loses. One thread only.
void loses_no_memory(const std::function<void()>& cycle);

}  // namespace prumux::conformance
