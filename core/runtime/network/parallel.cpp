#include "core/runtime/network/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace prumux::runtime {

void run_parallel(std::size_t tasks, std::size_t threads,
                  const std::function<void(std::size_t, std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  std::exception_ptr problem;
  std::mutex problem_mutex;
  const auto run = [&](std::size_t thread) {
    try {
      for (std::size_t task = next++; task < tasks; task = next++) work(task, thread);
    } catch (...) {
      const std::lock_guard lock(problem_mutex);
      if (!problem) problem = std::current_exception();
      next = tasks;
    }
  };
  std::vector<std::jthread> helpers;
  for (std::size_t thread = 1; thread < std::min(threads, tasks); ++thread) {
    helpers.emplace_back(run, thread);
  }
  run(0);
  for (std::jthread& helper : helpers) helper.join();
  if (problem) std::rethrow_exception(problem);
}

}  // namespace prumux::runtime
