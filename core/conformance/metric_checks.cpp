#include "core/conformance/metric_checks.h"

#include <ATen/ATen.h>

#include <cmath>

#include "core/conformance/expectations.h"
#include "core/conformance/leaks.h"
#include "core/conformance/parameter_values.h"
#include "prumux/error.h"

namespace prumux::conformance {

namespace {

using plugin::Method;

/// The answer for so many rows of a classification with two classes; none: it refuses them.
std::optional<double> score_of(const Method& method, std::int64_t rows) {
  const auto metric = plugin::Registry::instance().make_metric(
      method.descriptor->name, {"sst2", false, usual_parameters(method)});
  const at::Tensor row = at::arange(rows).to(at::kFloat);
  try {
    return metric->score(at::stack({(row * 1.7F).sin(), (row * 0.9F).cos()}, 1),
                         at::arange(rows).remainder(2));
  } catch (const DataError&) {
    return std::nullopt;
  }
}

void gives_a_number(const Method& method) {
  const std::optional<double> score = score_of(method, 20);
  expect(score && std::isfinite(*score), "20 rows of two classes have no finite score");
}

void takes_one_row(const Method& method) {
  const std::optional<double> score = score_of(method, 1);
  expect(!score || std::isfinite(*score),
         "the score of one row is {}, expected a number or DataError", *score);
}

void repeats(const Method& method) {
  expect(score_of(method, 20) == score_of(method, 20), "the same rows have two scores");
}

}  // namespace

std::vector<Check> metric_checks(const Method& method) {
  return {{"it scores rows of two classes", [=] { gives_a_number(method); }},
          {"it scores a single row or refuses it", [=] { takes_one_row(method); }},
          {"same rows, same score", [=] { repeats(method); }},
          {"it loses no memory", [=] { loses_no_memory([=] { score_of(method, 5); }); }}};
}

}  // namespace prumux::conformance
