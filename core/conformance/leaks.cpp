#include "core/conformance/leaks.h"

#include <malloc.h>

#include <cstddef>
#include <cstdint>

#include "core/conformance/expectations.h"

namespace prumux::conformance {

namespace {

std::int64_t bytes_in_use() {
  const struct mallinfo2 info = mallinfo2();
  return static_cast<std::int64_t>(info.uordblks + info.hblkhd);
}

}  // namespace

void loses_no_memory(const std::function<void()>& cycle) {
  // What is made once for all (caches, tables) is there after a few repetitions.
  constexpr int kWarmUp = 4;
  constexpr int kMeasured = 6;
  for (int i = 0; i < kWarmUp; ++i) cycle();
  const std::int64_t begin = bytes_in_use();
  std::int64_t before = begin;
  for (int i = 0; i < kMeasured; ++i) {
    cycle();
    const std::int64_t now = bytes_in_use();
    if (now <= before) return;
    before = now;
  }
  expect(false, "every repetition leaves about {} bytes behind that are never freed",
         (before - begin) / kMeasured);
}

}  // namespace prumux::conformance
