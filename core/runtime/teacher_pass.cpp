#include "core/runtime/teacher_pass.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "core/runtime/kernels/kernels.h"
#include "core/runtime/network/encoder_pass.h"
#include "core/runtime/network/head_pass.h"
#include "core/runtime/network/parallel.h"
#include "core/runtime/network_builder.h"

namespace prumux::runtime {

bool TeacherPass::can_run(const model::Model& model) {
  if (model.plugin_head() || model.config().head != model::HeadKind::sequence) return false;
  if (!model.multiplexer()) return true;
  const std::optional<InferenceForm> form = model.multiplexer()->inference_form();
  return form && form->mix && form->separation;
}

TeacherPass::TeacherPass(std::shared_ptr<const model::Model> model, const EngineOptions& options)
    : model_(std::move(model)),
      network_(build_network(*model_, number_format(options))),
      instruction_set_(options.instruction_set),
      workspaces_(thread_count(options)) {}

at::Tensor TeacherPass::logits(const std::vector<float>& states, std::size_t groups) const {
  const auto rows = static_cast<std::int64_t>(groups * network_.mixing.instances);
  at::Tensor logits = at::empty({rows, static_cast<std::int64_t>(network_.labels)});
  const HeadPass head(network_, kernels::kernels_for(instruction_set_));
  head.run(states.data(), groups, /*separated=*/false, workspaces_.front(),
           logits.mutable_data_ptr<float>());
  return logits;
}

TeacherPass::Layout TeacherPass::lay_out(const text::Batch& batch, bool hidden_states) const {
  const MixingWeights& mixing = network_.mixing;
  const auto padded = static_cast<std::size_t>(batch.input_ids.size(1));
  // A plain model's padding are tokens that nobody attends to.
  const bool padding_is_computed = hidden_states && mixing.instances == 1;
  Layout layout{rows_of(batch, model_->config().encoder.pad_token_id,
                        padding_is_computed ? BatchPadding::kept : BatchPadding::left_out)};
  layout.grouping =
      group_rows(layout.rows, one_batch(layout.rows), network_, mixing.prefix_length(), padded);
  layout.lengths = layout.grouping.lengths;
  if (hidden_states) {
    std::fill(layout.lengths.begin(), layout.lengths.end(), mixing.prefix_length() + padded);
  }
  const at::Tensor tokens = batch.attention_mask.sum(1).contiguous();
  for (std::size_t g = 0; g < layout.lengths.size(); ++g) {
    Sequence& sequence = layout.sequences.emplace_back();
    sequence.rows = {layout.grouping.tokens.data() + g * mixing.instances, mixing.instances};
    sequence.length = layout.lengths[g];
    sequence.attended = padding_is_computed
                            ? static_cast<std::size_t>(tokens.const_data_ptr<std::int64_t>()[g])
                            : layout.grouping.lengths[g];
  }
  return layout;
}

ForwardRecord TeacherPass::operator()(const text::Batch& batch, bool hidden_states) const {
  const Layout layout = lay_out(batch, hidden_states);
  const std::size_t groups = layout.sequences.size();
  ForwardRecord record;
  record.attention_mask = batch.attention_mask;
  const auto positions = static_cast<std::int64_t>(layout.lengths.front());
  const auto width = static_cast<std::int64_t>(network_.width);
  const std::size_t layers = hidden_states ? network_.layers.size() + 1 : 0;
  for (std::size_t layer = 0; layer < layers; ++layer) {
    record.hidden_states.push_back(
        at::empty({static_cast<std::int64_t>(groups), positions, width}));
  }
  const std::size_t state_size = network_.read_positions.size() * network_.width;
  std::vector<float> states(groups * state_size);
  const EncoderPass encoder(network_, kernels::kernels_for(instruction_set_));
  const std::vector<Chunk> chunks =
      plan_chunks(layout.lengths, network_.format, workspaces_.size());
  run_parallel(chunks.size(), workspaces_.size(), [&](std::size_t task, std::size_t thread) {
    const Chunk& chunk = chunks[task];
    StatesObserver copy_states;
    if (hidden_states) {
      copy_states = [&](std::size_t layer, const Panels& panels, std::size_t count) {
        float* const to = record.hidden_states[layer].mutable_data_ptr<float>();
        copy_tokens(panels, count, to + chunk.first * layout.lengths.front() * network_.width);
      };
    }
    encoder.run({layout.sequences.data() + chunk.first, chunk.end - chunk.first},
                workspaces_[thread], states.data() + chunk.first * state_size, copy_states);
  });
  record.logits = logits(states, groups).slice(0, 0, batch.input_ids.size(0));
  return record;
}

}  // namespace prumux::runtime
