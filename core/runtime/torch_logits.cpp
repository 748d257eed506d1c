#include "core/runtime/torch_logits.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <spdlog/fmt/fmt.h>

#include <optional>

#include "core/model/evaluation_mode.h"
#include "core/runtime/schedule.h"
#include "core/train/autocast.h"
#include "prumux/error.h"

namespace prumux::runtime {
namespace {

bool pads_are_tokens(const model::Model& model) {
  return model.multiplexer() && model.multiplexer()->padding() == PaddingSemantics::attended;
}

}  // namespace

void check_torch_precision(Precision precision, const std::string& what) {
  if (precision == Precision::float32 || precision == Precision::bfloat16) return;
  throw ConfigError(fmt::format("{} in float32 or bfloat16, not in {}", what, name_of(precision)));
}

std::vector<at::Tensor> torch_logits(model::Model& model, const EngineOptions& options,
                                     const RowSource& rows, std::int64_t grouping) {
  const c10::InferenceMode inference;
  const model::EvaluationMode evaluation(model);
  const std::vector<std::uint32_t> lengths = rows.lengths();
  ScheduleOptions schedule = schedule_options(options, model.num_instances(), grouping);
  std::optional<std::size_t> length;
  if (pads_are_tokens(model)) {
    length = options.attended_length;
    schedule.sort_by_length = false;  // Nothing to gain; references go by the order of the input.
  }

  std::vector<at::Tensor> sums(lengths.size());
  std::vector<double> counts(lengths.size(), 0.0);
  for (const std::vector<std::uint32_t>& batch : schedule_rows(lengths, schedule)) {
    const text::Batch inputs = rows.collate(batch, length);
    at::Tensor logits;
    {
      const train::Autocast autocast(computed_precision(options) == Precision::bfloat16
                                         ? train::Precision::bfloat16
                                         : train::Precision::float32);
      logits = model.forward({inputs.input_ids, inputs.attention_mask, inputs.token_type_ids})
                   .logits.to(at::kFloat);
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const std::uint32_t row = batch[i];
      at::Tensor own = logits[static_cast<std::int64_t>(i)];
      if (own.dim() == 2) own = own.narrow(0, 0, lengths[row]);
      sums[row] = sums[row].defined() ? sums[row] + own : own.clone();
      counts[row] += 1.0;
    }
  }
  for (std::size_t row = 0; row < sums.size(); ++row) {
    // A row that occurs several times gets the mean of its results.
    sums[row].div_(counts[row]);
    if (!sums[row].isfinite().all().item<bool>()) {
      throw NumericError(fmt::format(
          "the model's outputs for row {} are no finite numbers; its weights are damaged, or its "
          "training diverged",
          row + 1));
    }
  }
  return sums;
}

}  // namespace prumux::runtime
