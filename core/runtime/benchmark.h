#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/runtime/engine.h"

namespace prumux::runtime {

struct BenchmarkOptions {
  /// Token counts of the examples; repeated as often as needed. One value: padded to that length.
  std::vector<std::uint32_t> lengths = {128};
  std::int64_t rounds = 7;       ///< Timed passes; one more before them is not counted.
  double minimum_seconds = 0.5;  ///< A round repeats its examples until it has taken this long.
  std::uint64_t seed = 0;        ///< Of the random token ids.
};

struct Rates {
  double minimum = 0.0;
  double median = 0.0;
  double maximum = 0.0;
};

struct Throughput {
  Rates per_second;
  /// By the processor time that all threads took: on a machine that has other work too, what one
  /// core does.
  Rates per_cpu_second;
};

/// Times forward passes over random tokens; batching counts, tokenisation does not.
Throughput measure_throughput(const Engine& engine, const BenchmarkOptions& options);

/// `measure_throughput` and what it was measured on: examples_per_second and
/// examples_per_cpu_second {min, median, max}, parameters, encoder_parameters, flops_per_example,
/// threads, device, precision, groups, length; on a CPU instruction_set and number_format too.
nlohmann::json benchmark(const Engine& engine, const BenchmarkOptions& options);

/// Share of the time that the engine's forward passes so far spent in each part.
nlohmann::ordered_json profile(const Engine& engine);

}  // namespace prumux::runtime
