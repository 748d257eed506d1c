#pragma once

#include <cstddef>
#include <filesystem>

namespace prumux::conformance {

/// The events that a worker reports, one JSON object a line:
/// {"event": "rejected", "reason"}; or {"event": "begin", "index", "method", "kind", "check"} and
/// {"event": "end", "outcome": "passed" | "failed" | "skipped", "reason"} for each check, and
/// {"event": "done"}.
///
/// Runs the checks from number `first` on, of all the methods of `library`, and writes the events
/// to the file descriptor `events`. The process that calls it may end in any way.
void run_worker(const std::filesystem::path& library, std::size_t first, int events);

}  // namespace prumux::conformance
