#include "core/conformance/compressor_checks.h"

#include <ATen/ATen.h>

#include <array>
#include <cmath>
#include <iterator>
#include <utility>

#include "core/conformance/compressor_run.h"
#include "core/conformance/expectations.h"
#include "core/conformance/leaks.h"
#include "core/conformance/model_checks.h"
#include "core/conformance/sample.h"
#include "core/train/random_state.h"
#include "prumux/error.h"

namespace prumux::conformance {

namespace {

using plugin::Method;
using train::Precision;

constexpr std::uint64_t kSeed = 7;
/// Long enough for every schedule to end; and for methods that learn what to remove.
constexpr std::int64_t kLongTrainings[] = {100, 1000};

std::array<std::pair<const char*, at::Tensor>, 5> parts_of(const StructureMasks& masks) {
  return {{{"head", masks.head},
           {"head_layer", masks.head_layer},
           {"intermediate", masks.intermediate},
           {"mlp", masks.mlp},
           {"hidden", masks.hidden}}};
}

/// A compressor may hand out the tensors that it goes on working with.
StructureMasks copy_of(const StructureMasks& masks) {
  const auto copy = [](const at::Tensor& mask) { return mask.defined() ? mask.clone() : mask; };
  return {copy(masks.head), copy(masks.head_layer), copy(masks.intermediate), copy(masks.mlp),
          copy(masks.hidden)};
}

void expect_valid(const StructureMasks& masks, const std::string& what) {
  masks.check(sample_encoder());
  for (const auto& [name, mask] : parts_of(masks)) {
    if (!mask.defined()) continue;
    expect_finite(mask, what + "." + name);
    const double low = mask.min().item<double>();
    const double high = mask.max().item<double>();
    expect(low >= 0.0 && high <= 1.0, "{}.{} has values from {} to {}, expected 0 to 1", what, name,
           low, high);
  }
}

void expect_same(const StructureMasks& a, const StructureMasks& b, const std::string& what) {
  const auto left = parts_of(a);
  const auto right = parts_of(b);
  for (std::size_t i = 0; i < left.size(); ++i) {
    expect_equal(left[i].second, right[i].second, what + "." + left[i].first);
  }
}

void expect_same(const TensorMap& a, const TensorMap& b, const std::string& what) {
  expect(a.size() == b.size(), "{}: {} and {} tensors", what, a.size(), b.size());
  for (const auto& [name, tensor] : a) {
    expect(b.contains(name), "{}: '{}' is missing the second time", what, name);
    expect_equal(tensor, b.at(name), what + " '" + name + "'");
  }
}

void expect_same(const CompressorRun::Snapshot& a, const CompressorRun::Snapshot& b) {
  expect_same(a.compressor, b.compressor, "state");
  expect_same(a.model, b.model, "the model's");
  expect_equal(a.random, b.random, "state of the random generator");
}

void trains(const Method& method, Precision precision) {
  CompressorRun run(method, kSeed, precision);
  for (std::int64_t i = 0; i < CompressorRun::kSteps; ++i) {
    expect_valid(run.training_masks(), "training_masks");
    const double loss = run.step();
    expect(std::isfinite(loss), "the loss of step {} is {}", i, loss);
    expect_valid(run.compressor().evaluation_masks(), "evaluation_masks");
  }
  for (const auto& [name, value] : run.compressor().metrics()) {
    expect(std::isfinite(value), "the metric '{}' is {}", name, value);
  }
}

/// Sum of the zeros in masks that carry a gradient; undefined: there are none.
at::Tensor sum_of_zeros(const StructureMasks& masks) {
  at::Tensor sum;
  for (const auto& [name, mask] : parts_of(masks)) {
    if (!mask.defined() || !mask.requires_grad()) continue;
    const at::Tensor zeros = mask.masked_select(mask.detach() == 0);
    if (zeros.numel() > 0) sum = sum.defined() ? sum + zeros.sum() : zeros.sum();
  }
  return sum;
}

void expect_no_gradient(const NamedTensors& parameters) {
  for (const auto& [name, parameter] : parameters) {
    const at::Tensor& gradient = parameter.grad();
    expect(!gradient.defined() || gradient.eq(0).all().item<bool>(),
           "'{}' gets a gradient from masks of zero, which PRUMUX_ZERO_MASKS_ARE_CONSTANT denies",
           name);
  }
}

void zero_masks_are_constant(const Method& method) {
  if ((method.descriptor->capabilities & PRUMUX_ZERO_MASKS_ARE_CONSTANT) == 0) {
    throw Skipped("it does not say so");
  }
  CompressorRun run(method, kSeed, Precision::float32);
  bool found = false;
  for (std::int64_t i = 0; i < CompressorRun::kSteps; ++i, run.step()) {
    const at::Tensor sum = sum_of_zeros(run.training_masks());
    if (!sum.defined()) continue;
    found = true;
    sum.backward();
    expect_no_gradient(run.model().checkpoint_parameters());
    for (const ParameterGroup& group : run.groups()) expect_no_gradient(group.parameters);
  }
  if (!found) throw Skipped("no mask was zero");
}

void takes_any_batch(const Method& method) {
  CompressorRun run(method, kSeed, Precision::float32);
  for (const auto& [rows, length] : {std::pair{1, 1}, std::pair{1, 9}, std::pair{5, 3}}) {
    const double loss = run.step(rows, length);
    expect(std::isfinite(loss), "the loss of a batch [{}, {}] is {}", rows, length, loss);
  }
}

void evaluation_masks_repeat(const Method& method) {
  CompressorRun run(method, kSeed, Precision::float32);
  run.step();
  const at::Tensor random = train::random_state();
  const StructureMasks first = copy_of(run.compressor().evaluation_masks());
  expect_same(first, run.compressor().evaluation_masks(), "evaluation_masks");
  expect_equal(random, train::random_state(), "evaluation_masks draws: the generator's state");
}

void same_seed_same_bits(const Method& method) {
  CompressorRun first(method, kSeed, Precision::float32);
  first.run_to_the_end();
  const CompressorRun::Snapshot expected = first.snapshot();
  CompressorRun second(method, kSeed, Precision::float32);
  second.run_to_the_end();
  expect_same(expected, second.snapshot());
}

void goes_on_from_saved_state(const Method& method) {
  CompressorRun straight(method, kSeed, Precision::float32);
  straight.step();
  straight.step();
  straight.step();
  const CompressorRun::Snapshot middle = straight.snapshot();
  const StructureMasks masks = copy_of(straight.compressor().evaluation_masks());
  straight.run_to_the_end();

  CompressorRun resumed(method, kSeed + 5, Precision::float32);
  resumed.restore(middle);
  expect_same(masks, resumed.compressor().evaluation_masks(), "evaluation_masks after load_state");
  resumed.run_to_the_end();
  expect_same(straight.snapshot(), resumed.snapshot());
}

void refuses_a_foreign_state(const Method& method) {
  CompressorRun run(method, kSeed, Precision::float32);
  if (run.compressor().state().empty()) throw Skipped("it has no state");
  try {
    run.compressor().load_state({{"of another method", at::ones({3})}});
  } catch (const DataError&) {
    return;
  } catch (const std::exception& problem) {
    throw Failure(fmt::format("load_state throws '{}', expected DataError", problem.what()));
  }
  throw Failure("load_state takes the state of another method, expected DataError");
}

/// As the host does it at the end of a stage.
void shrink(CompressorRun& run) {
  run.model().prune(run.compressor().finish());
  run.model().factorise(run.compressor().ranks());
}

/// Whether the compressor has met its target by the end.
bool shrinks_as_masked(const Method& method, std::int64_t steps) {
  CompressorRun run(method, kSeed, Precision::float32, steps);
  run.run_to_the_end();
  if (!run.compressor().meets_target()) return false;
  const text::Batch batch = sample_batch(6, 9);
  const StructureMasks masks = run.compressor().evaluation_masks();
  const at::Tensor masked = logits_of(run.model(), batch, &masks);
  expect_finite(masked, "the masked model's answer");
  shrink(run);
  expect_close(logits_of(run.model(), batch), masked, 1e-5,
               "logits of the model that finish() leaves, against those under evaluation_masks()");
  return true;
}

void masked_equals_shrunk(const Method& method) {
  for (const std::int64_t steps : kLongTrainings) {
    if (shrinks_as_masked(method, steps)) return;
  }
  throw Skipped(
      fmt::format("it has not met its target after {} steps, so that finish() may remove more than "
                  "evaluation_masks()",
                  *std::rbegin(kLongTrainings)));
}

void one_training(const Method& method) {
  CompressorRun run(method, kSeed, Precision::float32);
  run.step();
  run.compressor().evaluation_masks();
  shrink(run);
}

}  // namespace

std::vector<Check> compressor_checks(const Method& method) {
  return {
      {"it trains in float32, with masks that fit", [=] { trains(method, Precision::float32); }},
      {"it trains in bfloat16", [=] { trains(method, Precision::bfloat16); }},
      {"masks of zero are constant where it says so", [=] { zero_masks_are_constant(method); }},
      {"it takes batches of any size", [=] { takes_any_batch(method); }},
      {"evaluation masks repeat and draw nothing", [=] { evaluation_masks_repeat(method); }},
      {"same seed, same bits", [=] { same_seed_same_bits(method); }},
      {"a restart from its state ends with the same bits",
       [=] { goes_on_from_saved_state(method); }},
      {"it refuses the state of another method", [=] { refuses_a_foreign_state(method); }},
      {"masked model and shrunk model agree", [=] { masked_equals_shrunk(method); }},
      {"it loses no memory", [=] { loses_no_memory([=] { one_training(method); }); }}};
}

}  // namespace prumux::conformance
