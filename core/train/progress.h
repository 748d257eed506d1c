#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

namespace prumux::train {

/// What is known about a training at one moment.
struct ProgressState {
  std::string name;
  std::int64_t step = 0;
  std::int64_t total_steps = 0;
  double loss = 0.0;
  double examples_per_second = 0.0;
  double seconds_left = 0.0;
  std::map<std::string, double> metrics;
};

/// "prune 120/400 30 % | 412.0 examples/s | 0:01:30 left | loss 0.4123 | sparsity 0.410 of 0.450".
/// A metric `x` is shown when there is a `target_x` beside it.
std::string progress_line(const ProgressState& state);

/// Shows progress on standard error: one live line on a terminal, a plain line from time to time
/// elsewhere.
class Progress {
 public:
  Progress(std::string name, std::int64_t first_step, std::int64_t total_steps, bool enabled);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  /// After every optimiser step, `busy_seconds` long, on `examples` examples.
  void step(std::int64_t step, double loss, std::int64_t examples, double busy_seconds);
  /// Numbers that the line shows until they are replaced.
  void set_metrics(const std::map<std::string, double>& metrics) { state_.metrics = metrics; }
  /// A line that stays.
  void message(const std::string& line);

 private:
  using Clock = std::chrono::steady_clock;

  void clear_live_line();

  ProgressState state_;
  bool enabled_;
  bool terminal_;
  bool live_line_shown_ = false;
  Clock::time_point last_shown_;
  double seconds_per_step_ = 0.0;
};

}  // namespace prumux::train
