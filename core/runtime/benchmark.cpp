#include "core/runtime/benchmark.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <numeric>
#include <random>
#include <utility>

#include "core/runtime/flops.h"

namespace prumux::runtime {
namespace {

/// So many that the preparation of the next batch runs beside the one before it.
constexpr std::int64_t kBatchesOfGpu = 8;

/// Examples of the wished lengths, each as often, enough for full batches.
EncodedRows random_rows(const Engine& engine, const BenchmarkOptions& options) {
  const EncoderConfig& encoder = engine.model().config().encoder;
  const std::int64_t rows_per_batch =
      engine.options().groups_per_batch * engine.model().num_instances();
  const std::int64_t batches = engine.options().accelerator ? kBatchesOfGpu : 1;
  const std::size_t lengths = options.lengths.size();
  const auto full = static_cast<std::size_t>(batches * rows_per_batch);
  const std::size_t count = (full + lengths - 1) / lengths * lengths;
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

Rates rates_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  const double median =
      values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2.0;
  return {values.front(), median, values.back()};
}

nlohmann::json to_json(const Rates& rates) {
  return {{"min", rates.minimum}, {"median", rates.median}, {"max", rates.maximum}};
}

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

}  // namespace

Throughput measure_throughput(const Engine& engine, const BenchmarkOptions& options) {
  const EncodedRows rows = random_rows(engine, options);
  const auto count = static_cast<double>(rows.lengths().size());
  engine.logits(rows);
  std::vector<double> rates;
  std::vector<double> cpu_rates;
  for (std::int64_t round = 0; round < options.rounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    const double cpu_start = cpu_seconds();
    double examples = 0.0;
    double seconds = 0.0;
    do {
      engine.logits(rows);
      examples += count;
      seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    } while (seconds < options.minimum_seconds);
    rates.push_back(examples / seconds);
    // The clock of the processor time may be coarser than a fast round.
    cpu_rates.push_back(examples / std::max(cpu_seconds() - cpu_start, 1e-6));
  }
  return {rates_of(std::move(rates)), rates_of(std::move(cpu_rates))};
}

nlohmann::json benchmark(const Engine& engine, const BenchmarkOptions& options) {
  const Throughput throughput = measure_throughput(engine, options);
  const double mean_length = std::accumulate(options.lengths.begin(), options.lengths.end(), 0.0) /
                             static_cast<double>(options.lengths.size());
  nlohmann::json result = {
      {"examples_per_second", to_json(throughput.per_second)},
      {"examples_per_cpu_second", to_json(throughput.per_cpu_second)},
      {"parameters", engine.model().parameter_count()},
      {"encoder_parameters", engine.model().encoder_parameter_count()},
      {"flops_per_example", flops_per_example(engine.model(), std::lround(mean_length))},
      {"instances", engine.model().num_instances()},
      {"groups", engine.options().groups_per_batch},
      {"length", mean_length},
      {"precision", name_of(computed_precision(engine.options()))},
      {"rounds", options.rounds},
      {"threads", engine.threads()},
      {"device", engine.device_name()},
  };
  if (!engine.options().accelerator) {
    result["instruction_set"] = kernels::name_of(engine.options().instruction_set);
    result["number_format"] = kernels::name_of(number_format(engine.options()));
  }
  return result;
}

nlohmann::ordered_json profile(const Engine& engine) {
  const std::vector<double> seconds = engine.seconds_per_part();
  const double total = std::accumulate(seconds.begin(), seconds.end(), 0.0);
  nlohmann::ordered_json shares;
  for (std::size_t part = 0; part < kPartCount; ++part) {
    shares[kPartNames[part]] = total > 0.0 ? seconds[part] / total : 0.0;
  }
  return shares;
}

}  // namespace prumux::runtime
