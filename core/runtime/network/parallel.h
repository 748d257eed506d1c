#pragma once

#include <cstddef>
#include <functional>

namespace prumux::runtime {

/// Calls `work(task, thread)` for every task, tasks in ascending order, on at most `threads`
/// threads of which this one is one. Rethrows the first exception when all have ended.
void run_parallel(std::size_t tasks, std::size_t threads,
                  const std::function<void(std::size_t task, std::size_t thread)>& work);

}  // namespace prumux::runtime
