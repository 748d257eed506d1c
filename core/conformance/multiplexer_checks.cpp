#include "core/conformance/multiplexer_checks.h"

#include <ATen/ATen.h>
#include <torch/utils.h>

#include <nlohmann/json.hpp>
#include <string>

#include "core/conformance/expectations.h"
#include "core/conformance/leaks.h"
#include "core/conformance/model_checks.h"
#include "core/conformance/parameter_values.h"
#include "core/conformance/sample.h"
#include "core/plugin/call_plugin.h"
#include "core/train/autocast.h"
#include "core/train/task_objective.h"

namespace prumux::conformance {

namespace {

using plugin::Method;
using train::Precision;

constexpr std::uint64_t kSeed = 7;
constexpr std::int64_t kWidth = 32;
constexpr std::int64_t kNumbersOfInstances[] = {1, 2, 3};

/// Calls of the multiplexer that are no calls of the model.
template <typename Work>
auto call(const Method& method, const char* function, const Work& work) {
  return plugin::call_plugin([&] { return plugin::describe(method) + " failed in " + function; },
                             work);
}

std::shared_ptr<Multiplexer> make(const Method& method, std::int64_t instances,
                                  PaddingSemantics padding = PaddingSemantics::masked) {
  MultiplexerArguments arguments = multiplexer_arguments(instances, usual_parameters(method));
  arguments.padding = padding;
  torch::manual_seed(kSeed);
  auto multiplexer =
      plugin::Registry::instance().make_multiplexer(method.descriptor->name, arguments);
  multiplexer->eval();
  return multiplexer;
}

std::shared_ptr<model::Model> model_of(const Method& method, std::int64_t instances,
                                       std::uint64_t seed = kSeed) {
  return sample_model(
      seed, model::MultiplexerConfig{method.descriptor->name, instances, PaddingSemantics::masked,
                                     usual_parameters(method)});
}

/// Groups of embeddings with their attention mask, as the model gives them to `mux`.
struct Groups {
  at::Tensor embeddings;  ///< [B, N, L, d].
  at::Tensor mask;        ///< [B, N, L].
};

Groups sample_groups(std::int64_t groups, std::int64_t instances, std::int64_t length) {
  const text::Batch batch = sample_batch(groups * instances, length);
  torch::manual_seed(kSeed);
  return {at::randn({groups, instances, length, kWidth}),
          batch.attention_mask.view({groups, instances, length})};
}

void has_the_promised_shapes(const Method& method) {
  const at::NoGradGuard no_gradient;
  for (const std::int64_t instances : kNumbersOfInstances) {
    const auto multiplexer = make(method, instances);
    expect(multiplexer->num_instances() == instances, "made for {} instances, it says it has {}",
           instances, multiplexer->num_instances());
    for (const std::int64_t groups : {1, 3}) {
      const text::Batch batch = sample_batch(groups * instances, 7);
      const TokenRows rows{batch.input_ids.clone(), batch.attention_mask.clone()};
      const TokenRows edited =
          call(method, "edit_tokens", [&] { return multiplexer->edit_tokens(rows); });
      const std::int64_t length = 7 + multiplexer->prefix_length();
      expect_shape(edited.input_ids, {groups * instances, length}, "edit_tokens' input_ids");
      expect_shape(edited.attention_mask, {groups * instances, length}, "edit_tokens' mask");
      expect_equal(rows.input_ids, batch.input_ids, "edit_tokens changes its argument");
      const std::int64_t position = multiplexer->classification_position();
      expect(position >= 0 && position < length, "classification_position is {}, expected 0 to {}",
             position, length - 1);

      const Groups sample = sample_groups(groups, instances, length);
      const at::Tensor mixed =
          call(method, "mux", [&] { return multiplexer->mux(sample.embeddings, sample.mask); });
      expect_shape(mixed, {groups, length, kWidth}, "mux of N = " + std::to_string(instances));
      expect_finite(mixed, "mux");
      const at::Tensor every = at::arange(length);
      const at::Tensor all =
          call(method, "demux", [&] { return multiplexer->demux(mixed, every); });
      expect_shape(all, {groups, instances, length, kWidth}, "demux");
      const at::Tensor some = at::tensor({length - 1, position}, at::kLong);
      expect_close(call(method, "demux", [&] { return multiplexer->demux(mixed, some); }),
                   all.index_select(2, some), 1e-5, "demux of two positions and of all");
      const TokenSelection selection{at::tensor({std::int64_t{0}, groups - 1}, at::kLong),
                                     at::tensor({instances - 1, std::int64_t{0}}, at::kLong),
                                     at::tensor({length - 1, length - 2}, at::kLong)};
      expect_shape(call(method, "vocabulary_features",
                        [&] { return multiplexer->vocabulary_features(mixed, selection); }),
                   {2, kWidth}, "vocabulary_features");
    }
  }
}

void answers_an_empty_batch(const Method& method) {
  const at::NoGradGuard no_gradient;
  const auto multiplexer = make(method, 2);
  try {
    const at::Tensor mixed =
        multiplexer->mux(at::zeros({0, 2, 7, kWidth}), at::zeros({0, 2, 7}, at::kLong));
    expect_shape(mixed, {0, 7, kWidth}, "mux of no groups");
  } catch (const Error&) {
    // A refusal is an answer.
  } catch (const c10::Error& problem) {
    throw Failure(std::string("mux of no groups ends with: ") + problem.what_without_backtrace() +
                  " (expected an empty result, or an error of prumux)");
  }
}

void keeps_its_word_about_padding(const Method& method) {
  const at::NoGradGuard no_gradient;
  for (const PaddingSemantics padding : {PaddingSemantics::masked, PaddingSemantics::attended}) {
    const auto multiplexer = make(method, 3, padding);
    expect(multiplexer->padding() == padding, "it is asked for one padding and says another");
    const std::int64_t length = 7 + multiplexer->prefix_length();
    const Groups sample = sample_groups(2, 3, length);
    const at::Tensor mixed =
        call(method, "mux", [&] { return multiplexer->mux(sample.embeddings, sample.mask); });
    expect_finite(mixed, "mux of padded rows");
    if (padding == PaddingSemantics::attended) continue;
    const at::Tensor is_padding = sample.mask.eq(0).unsqueeze(3);
    const at::Tensor other = at::where(is_padding, sample.embeddings + 5.0, sample.embeddings);
    const at::Tensor attended = sample.mask.any(1).unsqueeze(2);
    const at::Tensor again =
        call(method, "mux", [&] { return multiplexer->mux(other, sample.mask); });
    expect_close(again * attended, mixed * attended, 1e-5,
                 "with padding masked, mux with other embeddings where an instance is padded");
  }
}

void runs_in(const Method& method, Precision precision) {
  for (const std::int64_t instances : kNumbersOfInstances) {
    const auto model = model_of(method, instances);
    const text::Batch batch = sample_batch(2 * instances, 8);
    model->train();
    at::Tensor logits;
    {
      const train::Autocast autocast(precision);
      logits = model->forward(train::model_inputs(batch)).logits;
    }
    expect_shape(logits, {2 * instances, 2}, "logits");
    expect_finite(logits, "logits of N = " + std::to_string(instances));
    train::task_loss(logits.to(at::kFloat), batch.labels).backward();
    for (const auto& parameter : model->multiplexer()->named_parameters()) {
      const at::Tensor& gradient = parameter.value().grad();
      if (gradient.defined()) expect_finite(gradient, "gradient of '" + parameter.key() + "'");
    }
  }
}

void takes_any_number_of_rows(const Method& method) {
  const auto model = model_of(method, 3);
  for (const auto& [rows, length] : {std::pair{1, 1}, std::pair{2, 9}, std::pair{7, 4}}) {
    expect_finite(logits_of(*model, sample_batch(rows, length)),
                  fmt::format("answer to a batch [{}, {}]", rows, length));
  }
}

void same_seed_same_bits(const Method& method) {
  expect_same_bits(*model_of(method, 3), *model_of(method, 3), sample_batch(6, 8));
}

void shrinks_with_the_encoder(const Method& method) {
  for (const std::int64_t instances : {2, 3}) {
    expect_shrinks_as_masked(*model_of(method, instances), sample_batch(2 * instances, 8));
  }
}

void is_saved_and_loaded(const Method& method) {
  for (const bool pruned : {false, true}) {
    const auto model = model_of(method, 2);
    if (pruned) model->prune(PrunePlan::from_masks(sample_hidden_masks(), sample_encoder()));
    const std::string fields = call(method, "checkpoint_fields",
                                    [&] { return model->multiplexer()->checkpoint_fields(); });
    const auto json = nlohmann::json::parse(fields, nullptr, false);
    expect(json.is_object(), "checkpoint_fields returns no JSON object: {}", fields.substr(0, 80));
    expect_survives_saving(*model, sample_batch(4, 8));
  }
}

}  // namespace

std::vector<Check> multiplexer_checks(const Method& method) {
  return {{"shapes of mux, demux and vocabulary_features for N = 1, 2, 3",
           [=] { has_the_promised_shapes(method); }},
          {"it answers an empty batch", [=] { answers_an_empty_batch(method); }},
          {"it keeps its word about padding", [=] { keeps_its_word_about_padding(method); }},
          {"it runs and learns in float32", [=] { runs_in(method, Precision::float32); }},
          {"it runs and learns in bfloat16", [=] { runs_in(method, Precision::bfloat16); }},
          {"it takes any number of rows", [=] { takes_any_number_of_rows(method); }},
          {"same seed, same bits", [=] { same_seed_same_bits(method); }},
          {"masked model and shrunk model agree", [=] { shrinks_with_the_encoder(method); }},
          {"it is saved and loaded, pruned too", [=] { is_saved_and_loaded(method); }},
          {"it loses no memory",
           [=] { loses_no_memory([=] { logits_of(*model_of(method, 2), sample_batch(4, 8)); }); }}};
}

}  // namespace prumux::conformance
