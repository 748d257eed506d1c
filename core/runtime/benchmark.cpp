#include "core/runtime/benchmark.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <random>

#include "core/runtime/flops.h"

namespace prumux::runtime {
namespace {

/// Examples of the wished lengths, enough for a few full batches.
EncodedRows random_rows(const Engine& engine, const BenchmarkOptions& options) {
  const EncoderConfig& encoder = engine.model().config().encoder;
  const std::int64_t rows_per_batch =
      engine.options().groups_per_batch * engine.model().num_instances();
  const auto count = std::max<std::size_t>(static_cast<std::size_t>(rows_per_batch),
                                           options.lengths.size() > 1 ? options.lengths.size() : 0);
  const auto padding = static_cast<text::TokenId>(encoder.pad_token_id);
  std::mt19937_64 random(options.seed);
  std::vector<text::Encoding> encodings(count);
  for (std::size_t row = 0; row < count; ++row) {
    const std::uint32_t length = options.lengths[row % options.lengths.size()];
    encodings[row].type_ids.assign(length, 0);
    encodings[row].ids.resize(length);
    for (text::TokenId& id : encodings[row].ids) {
      id = static_cast<text::TokenId>(random() % static_cast<std::uint64_t>(encoder.vocab_size));
      // Any word but the padding.
      if (id == padding) id = static_cast<text::TokenId>((id + 1) % encoder.vocab_size);
    }
  }
  return {std::move(encodings), padding};
}

}  // namespace

Throughput measure_throughput(const Engine& engine, const BenchmarkOptions& options) {
  const EncodedRows rows = random_rows(engine, options);
  const auto count = static_cast<double>(rows.lengths().size());
  engine.logits(rows);
  std::vector<double> rates;
  for (std::int64_t round = 0; round < options.rounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    double examples = 0.0;
    double seconds = 0.0;
    do {
      engine.logits(rows);
      examples += count;
      seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    } while (seconds < options.minimum_seconds);
    rates.push_back(examples / seconds);
  }
  std::sort(rates.begin(), rates.end());
  const std::size_t middle = rates.size() / 2;
  const double median =
      rates.size() % 2 == 1 ? rates[middle] : (rates[middle - 1] + rates[middle]) / 2.0;
  return {rates.front(), median, rates.back()};
}

nlohmann::json benchmark(const Engine& engine, const BenchmarkOptions& options) {
  const Throughput throughput = measure_throughput(engine, options);
  const double mean_length = std::accumulate(options.lengths.begin(), options.lengths.end(), 0.0) /
                             static_cast<double>(options.lengths.size());
  return {
      {"examples_per_second",
       {{"min", throughput.minimum}, {"median", throughput.median}, {"max", throughput.maximum}}},
      {"parameters", engine.model().parameter_count()},
      {"encoder_parameters", engine.model().encoder_parameter_count()},
      {"flops_per_example", flops_per_example(engine.model(), std::lround(mean_length))},
      {"instances", engine.model().num_instances()},
      {"groups", engine.options().groups_per_batch},
      {"length", mean_length},
      {"precision", name_of(engine.options().precision)},
      {"rounds", options.rounds},
      {"threads", engine.threads()},
      {"device", "cpu"},
  };
}

}  // namespace prumux::runtime
