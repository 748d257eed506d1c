#include "core/train/progress.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

namespace prumux::train {
namespace {

constexpr std::chrono::milliseconds kLiveInterval{200};
constexpr std::chrono::seconds kPlainInterval{10};
/// Weight of the newest step in the running means.
constexpr double kSmoothing = 0.05;

double smooth(double mean, double value) {
  return mean == 0.0 ? value : mean + kSmoothing * (value - mean);
}

std::string duration(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

}  // namespace

std::string progress_line(const ProgressState& state) {
  const std::int64_t total = std::max<std::int64_t>(1, state.total_steps);
  std::string line =
      fmt::format("{} {}/{} {} % | {:.1f} examples/s | {} left | loss {:.4f}", state.name,
                  state.step, state.total_steps, 100 * state.step / total,
                  state.examples_per_second, duration(state.seconds_left), state.loss);
  for (const auto& [name, value] : state.metrics) {
    const auto target = state.metrics.find("target_" + name);
    if (target != state.metrics.end())
      line += fmt::format(" | {} {:.3f} of {:.3f}", name, value, target->second);
  }
  return line;
}

Progress::Progress(std::string name, std::int64_t first_step, std::int64_t total_steps,
                   bool enabled)
    : enabled_(enabled),
      terminal_(::isatty(STDERR_FILENO) == 1),
      last_shown_(Clock::now() - kLiveInterval) {
  state_.name = std::move(name);
  state_.step = first_step;
  state_.total_steps = total_steps;
}

Progress::~Progress() { clear_live_line(); }

void Progress::step(std::int64_t step, double loss, std::int64_t examples, double busy_seconds) {
  state_.step = step;
  state_.loss = loss;
  seconds_per_step_ = smooth(seconds_per_step_, busy_seconds);
  state_.examples_per_second =
      smooth(state_.examples_per_second, static_cast<double>(examples) / busy_seconds);
  state_.seconds_left = seconds_per_step_ * static_cast<double>(state_.total_steps - step);

  const auto now = Clock::now();
  const bool last = step == state_.total_steps;
  if (!enabled_ || (!last && now - last_shown_ < (terminal_ ? Clock::duration(kLiveInterval)
                                                            : Clock::duration(kPlainInterval))))
    return;
  last_shown_ = now;
  if (terminal_ && !last) {
    fmt::print(stderr, "\r\033[K{}", progress_line(state_));
    std::fflush(stderr);
    live_line_shown_ = true;
  } else {
    message(progress_line(state_));
  }
}

void Progress::message(const std::string& line) {
  if (!enabled_) return;
  clear_live_line();
  spdlog::info(line);
}

void Progress::clear_live_line() {
  if (!live_line_shown_) return;
  fmt::print(stderr, "\r\033[K");
  std::fflush(stderr);
  live_line_shown_ = false;
}

}  // namespace prumux::train
