#include "core/conformance/model_checks.h"

#include <ATen/ATen.h>
#include <torch/utils.h>

#include "core/conformance/expectations.h"
#include "core/conformance/sample.h"
#include "core/io/temporary_folder.h"
#include "core/train/task_objective.h"

namespace prumux::conformance {

at::Tensor logits_of(model::Model& model, const text::Batch& batch, const StructureMasks* masks) {
  const at::NoGradGuard no_gradient;
  model::ForwardOptions options;
  options.masks = masks;
  return model.forward(train::model_inputs(batch), options).logits;
}

void expect_same_bits(model::Model& first, model::Model& second, const text::Batch& batch) {
  const at::Tensor logits = logits_of(first, batch);
  expect_equal(logits, logits_of(second, batch), "logits of two equal models");
  expect_equal(logits, logits_of(second, batch), "logits at the first and the second call");
}

void expect_shrinks_as_masked(model::Model& model, const text::Batch& batch) {
  const StructureMasks masks = sample_hidden_masks();
  const at::Tensor masked = logits_of(model, batch, &masks);
  model.prune(PrunePlan::from_masks(masks, sample_encoder()));
  expect_close(
      logits_of(model, batch), masked, 1e-5,
      "logits of the model with pruned hidden dimensions, against those of the masked one");
}

void expect_survives_saving(model::Model& model, const text::Batch& batch) {
  constexpr std::uint64_t kOtherSeed = 8;
  const io::TemporaryFolder folder;
  model::save_model(model, folder.path());
  torch::manual_seed(kOtherSeed);
  const auto loaded = model::load_model(folder.path());
  loaded->eval();
  expect_equal(logits_of(model, batch), logits_of(*loaded, batch),
               model.physically_pruned() ? "logits of a pruned model and of the loaded one"
                                         : "logits of a model and of the loaded one");
}

}  // namespace prumux::conformance
