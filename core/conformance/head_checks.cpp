#include "core/conformance/head_checks.h"

#include <ATen/ATen.h>
#include <torch/utils.h>

#include <string>

#include "core/conformance/expectations.h"
#include "core/conformance/leaks.h"
#include "core/conformance/model_checks.h"
#include "core/conformance/parameter_values.h"
#include "core/conformance/sample.h"
#include "core/model/plugin_head.h"
#include "core/train/autocast.h"
#include "core/train/task_objective.h"

namespace prumux::conformance {

namespace {

using plugin::Method;
using train::Precision;

constexpr std::uint64_t kHeadSeed = 7;

model::HeadMethod head_of(const Method& method) {
  return {method.descriptor->name, usual_parameters(method)};
}

std::shared_ptr<model::PluginHead> make_head(const Method& method, std::int64_t labels) {
  torch::manual_seed(kHeadSeed);
  const auto head = std::make_shared<model::PluginHead>(
      head_of(method), HeadArguments{sample_encoder(), labels, 1, usual_parameters(method)});
  head->eval();
  return head;
}

std::shared_ptr<model::Model> model_with_head(const Method& method) {
  return sample_model(kHeadSeed, std::nullopt, head_of(method));
}

/// Features and mask as the model gives them to a head, of rows that are mostly padded.
struct HeadRows {
  at::Tensor features;  ///< [R, P, d].
  at::Tensor mask;      ///< [R, P].
};

HeadRows head_rows(const model::PluginHead& head, std::int64_t rows, std::int64_t length) {
  const std::int64_t positions = head.positions_read(length);
  torch::manual_seed(kHeadSeed);
  return {at::randn({rows, positions, sample_encoder().hidden_size}),
          sample_batch(rows, length).attention_mask.narrow(1, 0, positions)};
}

void answers_any_batch(const Method& method) {
  const at::NoGradGuard no_gradient;
  for (const std::int64_t labels : {1, 2, 5}) {
    const auto head = make_head(method, labels);
    for (const auto& [count, length] : {std::pair{1, 1}, std::pair{3, 2}, std::pair{5, 9}}) {
      const HeadRows rows = head_rows(*head, count, length);
      expect_finite(head->forward(rows.features, rows.mask),
                    fmt::format("logits of a batch [{}, {}]", count, length));
    }
  }
}

void answers_each_row_alone(const Method& method) {
  const at::NoGradGuard no_gradient;
  const auto head = make_head(method, 2);
  const HeadRows rows = head_rows(*head, 5, 9);
  const at::Tensor together = head->forward(rows.features, rows.mask);
  for (std::int64_t row = 0; row < 5; ++row) {
    const at::Tensor alone =
        head->forward(rows.features.narrow(0, row, 1), rows.mask.narrow(0, row, 1));
    expect_close(alone, together.narrow(0, row, 1), 1e-5,
                 fmt::format("logits of row {} alone, against those among others", row));
  }
}

void does_not_look_at_padding(const Method& method) {
  const at::NoGradGuard no_gradient;
  const auto head = make_head(method, 2);
  const HeadRows rows = head_rows(*head, 6, 9);
  const at::Tensor other =
      at::where(rows.mask.eq(0).unsqueeze(2), rows.features + 5.0, rows.features);
  expect_close(head->forward(other, rows.mask), head->forward(rows.features, rows.mask), 1e-5,
               "logits with other features where a row is padded");
}

void learns_in(const Method& method, Precision precision) {
  const auto model = model_with_head(method);
  model->train();
  const text::Batch batch = sample_batch(4, 8);
  at::Tensor logits;
  {
    const train::Autocast autocast(precision);
    logits = model->forward(train::model_inputs(batch)).logits;
  }
  expect_finite(logits, "logits");
  train::task_loss(logits.to(at::kFloat), batch.labels).backward();
  bool reaches_the_encoder = false;
  for (const auto& [name, parameter] : model->checkpoint_parameters()) {
    const at::Tensor& gradient = parameter.grad();
    if (!gradient.defined()) continue;
    expect_finite(gradient, "gradient of '" + name + "'");
    reaches_the_encoder |=
        name.find("encoder.layer.0.") != std::string::npos && gradient.any().item<bool>();
  }
  expect(reaches_the_encoder, "no gradient reaches the encoder's first layer");
}

void head_repeats(const Method& method) {
  expect_same_bits(*model_with_head(method), *model_with_head(method), sample_batch(6, 8));
}

void head_shrinks_with_the_encoder(const Method& method) {
  expect_shrinks_as_masked(*model_with_head(method), sample_batch(6, 8));
}

void head_is_saved_and_loaded(const Method& method) {
  for (const bool pruned : {false, true}) {
    const auto model = model_with_head(method);
    if (pruned) model->prune(PrunePlan::from_masks(sample_hidden_masks(), sample_encoder()));
    expect_survives_saving(*model, sample_batch(4, 8));
  }
}

}  // namespace

std::vector<Check> head_checks(const Method& method) {
  return {
      {"logits for any number of rows, positions and labels", [=] { answers_any_batch(method); }},
      {"each row is answered alone", [=] { answers_each_row_alone(method); }},
      {"it does not look at padding", [=] { does_not_look_at_padding(method); }},
      {"it learns in float32", [=] { learns_in(method, Precision::float32); }},
      {"it learns in bfloat16", [=] { learns_in(method, Precision::bfloat16); }},
      {"same seed, same bits", [=] { head_repeats(method); }},
      {"masked model and shrunk model agree", [=] { head_shrinks_with_the_encoder(method); }},
      {"it is saved and loaded, pruned too", [=] { head_is_saved_and_loaded(method); }},
      {"it loses no memory",
       [=] { loses_no_memory([=] { logits_of(*model_with_head(method), sample_batch(4, 8)); }); }}};
}

}  // namespace prumux::conformance
