#include "core/conformance/stage_checks.h"

#include <torch/utils.h>

#include <cmath>

#include "core/conformance/expectations.h"
#include "core/conformance/leaks.h"
#include "core/conformance/parameter_values.h"
#include "core/conformance/sample_context.h"
#include "core/io/temporary_folder.h"
#include "prumux/error.h"

namespace prumux::conformance {

namespace {

using plugin::Method;
using Numbers = std::map<std::string, double>;

/// As the host does it: a new instance, and the generator seeded.
Numbers run_in(const Method& method, SampleContext& context) {
  const auto stage =
      plugin::Registry::instance().make_stage(method.descriptor->name, {usual_parameters(method)});
  torch::manual_seed(static_cast<std::uint64_t>(context.seed()));
  return stage->run(context);
}

struct Result {
  Numbers numbers;
  TensorMap model;
};

Result complete_run(const Method& method) {
  const io::TemporaryFolder folder;
  SampleContext context(method.descriptor->capabilities, folder.path());
  Numbers numbers = run_in(method, context);
  return {std::move(numbers), context.saved_state()};
}

void expect_same(const Result& a, const Result& b) {
  expect(a.numbers == b.numbers, "its numbers are others the second time");
  expect(a.model.size() == b.model.size(), "its models have {} and {} tensors", a.model.size(),
         b.model.size());
  for (const auto& [name, tensor] : a.model) {
    expect(b.model.contains(name), "the model's '{}' is missing the second time", name);
    expect_equal(tensor, b.model.at(name), "the model's '" + name + "'");
  }
}

void runs(const Method& method) {
  const io::TemporaryFolder folder;
  SampleContext context(method.descriptor->capabilities, folder.path());
  for (const auto& [name, value] : run_in(method, context)) {
    expect(std::isfinite(value), "the number '{}' is {}", name, value);
  }
  const int expected = (method.descriptor->capabilities & PRUMUX_WRITES_MODEL) != 0 ? 1 : 0;
  expect(context.saves() == expected, "it has saved {} models, its capabilities announce {}",
         context.saves(), expected);
  for (const auto& [name, tensor] : context.saved_state()) {
    if (tensor.is_floating_point()) expect_finite(tensor, "the model's '" + name + "'");
  }
}

void gives_the_same_result(const Method& method) {
  expect_same(complete_run(method), complete_run(method));
}

void stops_and_runs_again(const Method& method) {
  const Result undisturbed = complete_run(method);
  const io::TemporaryFolder folder;
  SampleContext interrupted(method.descriptor->capabilities, folder.path(), /*stop_at=*/1);
  try {
    run_in(method, interrupted);
    if (interrupted.steps() == 0) throw Skipped("it never calls StageContext::at_step");
    throw Failure("StageContext::at_step throws Interrupted, and the stage goes on");
  } catch (const Interrupted&) {
  }
  SampleContext again(method.descriptor->capabilities, folder.path());
  Numbers numbers = run_in(method, again);
  expect_same(undisturbed, {std::move(numbers), again.saved_state()});
}

}  // namespace

std::vector<Check> stage_checks(const Method& method) {
  return {{"it runs, and leaves what its capabilities announce", [=] { runs(method); }},
          {"same seed, same result", [=] { gives_the_same_result(method); }},
          {"it stops when asked to, and run again it ends with the same result",
           [=] { stops_and_runs_again(method); }},
          {"it loses no memory", [=] { loses_no_memory([=] { complete_run(method); }); }}};
}

}  // namespace prumux::conformance
