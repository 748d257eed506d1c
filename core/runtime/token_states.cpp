#include "core/runtime/token_states.h"

#include <ATen/ATen.h>

#include <utility>

#include "core/runtime/grouping.h"
#include "core/runtime/kernels/kernels.h"
#include "core/runtime/network/encoder_pass.h"
#include "core/runtime/network/parallel.h"
#include "core/runtime/network_builder.h"
#include "core/runtime/row_source.h"
#include "prumux/error.h"

namespace prumux::runtime {
namespace {

const model::Model& without_multiplexer(const model::Model& model) {
  if (!model.multiplexer()) return model;
  throw ConfigError("a model of " + std::to_string(model.num_instances()) +
                    " instances has no hidden states of single texts: name a model without a "
                    "multiplexer");
}

}  // namespace

TokenStates::TokenStates(std::shared_ptr<const model::Model> model, const EngineOptions& options)
    : model_(std::move(model)),
      network_(build_encoder_network(without_multiplexer(*model_), number_format(options))),
      instruction_set_(options.instruction_set),
      workspaces_(thread_count(options)) {}

at::Tensor TokenStates::operator()(const text::Batch& batch) const {
  const EncodedRows rows =
      rows_of(batch, model_->config().encoder.pad_token_id, BatchPadding::left_out);
  const Grouping grouping = group_rows(rows, one_batch(rows), network_, 0, 0);

  std::vector<Sequence> sequences;
  std::vector<std::size_t> begins = {0};
  for (std::size_t row = 0; row < grouping.lengths.size(); ++row) {
    sequences.push_back({{&grouping.tokens[row], 1}, nullptr, grouping.lengths[row]});
    begins.push_back(begins.back() + grouping.lengths[row]);
  }
  at::Tensor states = at::empty({static_cast<std::int64_t>(begins.back()), width()});
  float* const to = states.mutable_data_ptr<float>();
  const EncoderPass encoder(network_, kernels::kernels_for(instruction_set_));
  const std::vector<Chunk> chunks =
      plan_chunks(grouping.lengths, network_.format, workspaces_.size());
  run_parallel(chunks.size(), workspaces_.size(), [&](std::size_t task, std::size_t thread) {
    const Chunk& chunk = chunks[task];
    encoder.run({sequences.data() + chunk.first, chunk.end - chunk.first}, workspaces_[thread],
                to + begins[chunk.first] * network_.width);
  });
  return states;
}

}  // namespace prumux::runtime
