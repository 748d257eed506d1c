// The kernels of the fastest instruction set, on one thread, in the shapes of BERT-base and of what
// pruning leaves of it.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <bit>
#include <random>
#include <string>
#include <vector>

#include "core/runtime/kernels/kernels.h"

namespace {

using namespace prumux::runtime::kernels;

AlignedBuffer<float> random_values(std::size_t count) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  AlignedBuffer<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values.data()[i] = normal(random);
  return values;
}

const Kernels& fastest() { return kernels_for(best_instruction_set()); }

void count_flops(benchmark::State& state, double flops) {
  state.counters["flops"] =
      benchmark::Counter(flops, benchmark::Counter::kIsIterationInvariantRate);
}

/// Formats are measured where there are instructions for them.
bool skip_unknown(benchmark::State& state, NumberFormat format) {
  if (knows(best_instruction_set(), format)) return false;
  state.SkipWithError("this processor has no instructions for it");
  return true;
}

void multiply(benchmark::State& state, NumberFormat format) {
  if (skip_unknown(state, format)) return;
  const auto rows = static_cast<std::size_t>(state.range(0));
  const auto columns = static_cast<std::size_t>(state.range(1));
  const auto tokens = static_cast<std::size_t>(state.range(2));
  const std::size_t panels = panel_count(tokens);
  const AlignedBuffer<float> weight = random_values(rows * columns);
  const MatrixRows part{weight.data(), nullptr, rows, columns};
  const PackedMatrix matrix({&part, 1}, columns, format);
  const AlignedBuffer<float> input = random_values(panels * columns * kPanelTokens);
  AlignedBuffer<float> output(panels * rows * kPanelTokens);
  AlignedBuffer<float> scales(panels * kPanelTokens);
  const std::size_t stride = matrix.steps() * kPanelTokens;
  AlignedBuffer<std::uint32_t> operands(panels * stride);
  fastest().convert({input.data(), columns * kPanelTokens, columns, tokens, format, operands.data(),
                     stride, scales.data()});
  const Product product{&matrix,       operands.data(),     stride, scales.data(),
                        output.data(), rows * kPanelTokens, tokens, Epilogue::store};
  for (auto _ : state) fastest().multiply(product);
  count_flops(state, 2.0 * static_cast<double>(rows * columns * tokens));
}

void attend(benchmark::State& state, bool in_short_numbers) {
  const auto length = static_cast<std::size_t>(state.range(0));
  const std::size_t head_size = 64;
  const std::size_t panels = panel_count(length);
  const AlignedBuffer<float> values = random_values(panels * head_size * kPanelTokens);
  AlignedBuffer<float> output(panels * head_size * kPanelTokens);
  AlignedBuffer<float> scratch(attention_scratch(length, head_size));
  Attention attention;
  attention.query = attention.key = attention.value = values.data();
  attention.query_stride = attention.key_stride = head_size * kPanelTokens;
  attention.queries = attention.keys = length;
  attention.head_size = head_size;
  attention.scale = 0.125F;
  attention.output = output.data();
  attention.output_stride = head_size * kPanelTokens;
  attention.scratch = scratch.data();
  for (auto _ : state) {
    (in_short_numbers ? fastest().attend_in_short_numbers : fastest().attend)(attention);
  }
  count_flops(state, 4.0 * static_cast<double>(length * length * head_size));
}

void convert(benchmark::State& state, NumberFormat format) {
  if (skip_unknown(state, format)) return;
  const std::size_t features = 768;
  const std::size_t tokens = 128;
  const AlignedBuffer<float> input = random_values(features * tokens);
  const std::size_t stride = element_count(format, features) * kPanelTokens;
  AlignedBuffer<std::uint32_t> output(panel_count(tokens) * stride);
  AlignedBuffer<float> scales(tokens);
  for (auto _ : state) {
    fastest().convert({input.data(), features * kPanelTokens, features, tokens, format,
                       output.data(), stride, scales.data()});
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(features * tokens));
}

void normalise(benchmark::State& state) {
  const auto features = static_cast<std::size_t>(state.range(0));
  const std::size_t tokens = 128;
  AlignedBuffer<float> values = random_values(features * tokens);
  const std::vector<float> weight(features, 1.0F);
  const std::vector<float> bias(features, 0.0F);
  for (auto _ : state) {
    fastest().normalise({values.data(), values.data(), features * kPanelTokens, features, tokens,
                         weight.data(), bias.data(), 1e-12F});
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(features * tokens));
}

/// Ten instances of BERT-base's embeddings, words drawn from the whole vocabulary.
void mix(benchmark::State& state, NumberFormat format) {
  const std::size_t width = 768;
  const std::size_t instances = 10;
  const std::size_t vocabulary = 30522;
  const std::size_t row_size = width / features_per_element(format);
  // Of bfloat16 two to an element, both of them numbers.
  AlignedBuffer<float> words = random_values(vocabulary * row_size);
  if (format == NumberFormat::bfloat16) {
    std::transform(words.data(), words.data() + words.size(), words.data(), [](float value) {
      return std::bit_cast<float>(std::uint32_t{to_bfloat16(value)} * 0x10001U);
    });
  }
  const AlignedBuffer<float> gains = random_values(instances * width);
  AlignedBuffer<float> sum(width);
  AlignedBuffer<float> scratch(width);
  std::mt19937 random(1);
  constexpr std::size_t kPositions = 4096;
  std::vector<EmbeddingRow> rows((kPositions + 1) * instances);
  for (EmbeddingRow& row : rows) {
    row = {words.data() + random() % vocabulary * row_size, gains.data()};
  }
  std::size_t position = 0;
  for (auto _ : state) {
    fastest().mix({&rows[position * instances], &rows[(position + 1) * instances], format,
                   gains.data(), gains.data(), gains.data(), instances, width, width, 1e-12F,
                   sum.data(), scratch.data()});
    position = (position + 1) % kPositions;
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(instances));
}

void shape_arguments(benchmark::internal::Benchmark* family) {
  family->ArgNames({"rows", "columns", "tokens"})
      ->Args({96, 64, 64})     // stays in the first cache: the rate that is possible
      ->Args({768, 768, 256})  // BERT-base
      ->Args({3072, 768, 256})
      ->Args({768, 3072, 256})
      ->Args({199, 128, 256})  // pruned
      ->Args({384, 199, 256})
      ->Args({37, 199, 256})
      ->Args({199, 37, 256})
      ->Args({384, 50, 64})  // short sums: what becomes of them shows
      ->Args({384, 199, 25});
}

BENCHMARK_CAPTURE(multiply, float32, NumberFormat::float32)->Apply(shape_arguments);
BENCHMARK_CAPTURE(multiply, bfloat16, NumberFormat::bfloat16)->Apply(shape_arguments);
BENCHMARK_CAPTURE(multiply, float16, NumberFormat::float16)->Apply(shape_arguments);
BENCHMARK_CAPTURE(multiply, int8, NumberFormat::int8)->Apply(shape_arguments);
BENCHMARK_CAPTURE(multiply, widened_int8, NumberFormat::widened_int8)->Apply(shape_arguments);
BENCHMARK_CAPTURE(multiply, tiled_float32, NumberFormat::tiled_float32)->Apply(shape_arguments);
BENCHMARK_CAPTURE(multiply, tiled_bfloat16, NumberFormat::tiled_bfloat16)->Apply(shape_arguments);
BENCHMARK_CAPTURE(multiply, tiled_int8, NumberFormat::tiled_int8)->Apply(shape_arguments);
BENCHMARK_CAPTURE(attend, float32, false)->Arg(25)->Arg(66)->Arg(128)->Arg(512);
BENCHMARK_CAPTURE(attend, short_numbers, true)->Arg(25)->Arg(66)->Arg(128)->Arg(512);
BENCHMARK_CAPTURE(convert, bfloat16, NumberFormat::bfloat16);
BENCHMARK_CAPTURE(convert, float16, NumberFormat::float16);
BENCHMARK_CAPTURE(convert, int8, NumberFormat::int8);
BENCHMARK_CAPTURE(convert, widened_int8, NumberFormat::widened_int8);
BENCHMARK_CAPTURE(convert, tiled_float32, NumberFormat::tiled_float32);
BENCHMARK_CAPTURE(convert, tiled_bfloat16, NumberFormat::tiled_bfloat16);
BENCHMARK_CAPTURE(convert, tiled_int8, NumberFormat::tiled_int8);
BENCHMARK(normalise)->Arg(199)->Arg(768);
BENCHMARK_CAPTURE(mix, float32, NumberFormat::float32);
BENCHMARK_CAPTURE(mix, bfloat16, NumberFormat::bfloat16);

}  // namespace

BENCHMARK_MAIN();
