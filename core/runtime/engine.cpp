#include "core/runtime/engine.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <deque>
#include <utility>

#include "core/model/encoder.h"
#include "core/model/evaluation_mode.h"
#include "core/model/multiplexer_call.h"
#include "core/runtime/kernels/kernels.h"
#include "core/runtime/network/encoder_pass.h"
#include "core/runtime/network/head_pass.h"
#include "core/runtime/network/parallel.h"
#include "core/runtime/network_builder.h"
#include "core/runtime/schedule.h"
#include "core/runtime/torch_logits.h"
#include "prumux/error.h"

namespace prumux::runtime {
namespace {

/// Groups whose instances are separated together.
constexpr std::size_t kHeadGroups = 64;
/// Batches that a device has at a time: one runs, the other waits.
constexpr std::size_t kPendingBatches = 2;

/// Sequences that are laid out at a time.
constexpr std::size_t kGroupsAtOnce = 4096;

void check_finite(const at::Tensor& logits, Precision precision) {
  const at::Tensor wrong = logits.isfinite().logical_not().any(1).nonzero();
  if (wrong.size(0) == 0) return;
  throw NumericError("the model's outputs for " + std::to_string(wrong.size(0)) + " of " +
                     std::to_string(logits.size(0)) +
                     " rows are no finite numbers, first for row " +
                     std::to_string(wrong[0].item<std::int64_t>() + 1) +
                     "; its weights are damaged, or its training diverged" +
                     (precision == Precision::float32
                          ? ""
                          : ", or its numbers are too large for fewer bits than float32 has"));
}

/// Without layers where an accelerator has them, or libtorch all of it.
Network network_of(const model::Model& model, const EngineOptions& options) {
  if (model.plugin_head()) return {};
  return options.accelerator ? outline_network(model)
                             : build_network(model, number_format(options));
}

}  // namespace

Engine::Engine(std::shared_ptr<model::Model> model, const EngineOptions& options)
    : model_(std::move(model)),
      options_(options),
      network_(network_of(*model_, options)),
      mixes_(mixes(*model_)),
      workspaces_(thread_count(options)) {
  if (model_->plugin_head()) {
    check_torch_precision(options.precision, "a model with the head of a plugin runs");
  }
  if (options.accelerator) {
    device_ = std::make_unique<const DevicePass>(*model_, options.precision, options.accelerator);
  }
}

std::string Engine::device_name() const { return device_ ? device_->device_name() : "cpu"; }

at::Tensor Engine::mix(const RowSource& rows, const Grouping& grouping, std::size_t first,
                       std::size_t end) const {
  const std::size_t instances = network_.mixing.instances;
  const std::span<const std::uint32_t> chosen(grouping.rows.data() + first * instances,
                                              (end - first) * instances);
  std::optional<std::size_t> length;
  if (network_.mixing.pads_are_tokens) length = options_.attended_length;
  const text::Batch batch = rows.collate(chosen, length);
  const model::Encoder& encoder = *model_->encoder();
  const model::MultiplexerConfig& config = *model_->config().multiplexer;
  Multiplexer& multiplexer = *model_->multiplexer();
  const TokenRows edited = model::call_multiplexer(config, "edit_tokens", [&] {
    return multiplexer.edit_tokens({batch.input_ids, batch.attention_mask});
  });
  const at::Tensor embedded = encoder.embed(edited.input_ids, {}, {});
  const auto count = static_cast<std::int64_t>(instances);
  const std::int64_t positions = embedded.size(1);
  const std::size_t longest =
      *std::max_element(grouping.lengths.begin() + static_cast<std::ptrdiff_t>(first),
                        grouping.lengths.begin() + static_cast<std::ptrdiff_t>(end));
  if (positions < static_cast<std::int64_t>(longest)) {
    throw PluginError("multiplexer '" + config.method + "' gives rows of " +
                      std::to_string(positions) + " positions in 'edit_tokens', expected " +
                      std::to_string(longest) + ": its prefix and the tokens");
  }
  const at::Tensor mixed = model::call_multiplexer(config, "mux", [&] {
    return multiplexer.mux(embedded.view({-1, count, positions, embedded.size(2)}),
                           edited.attention_mask.view({-1, count, positions}));
  });
  model::check_multiplexer_result(config, "mux", mixed,
                                  {static_cast<std::int64_t>(end - first), positions,
                                   static_cast<std::int64_t>(network_.width)});
  return encoder.embed_again(mixed, {}).to(at::kFloat).contiguous();
}

at::Tensor Engine::separate(const std::vector<float>& states, std::size_t groups) const {
  const auto reads = static_cast<std::int64_t>(network_.read_positions.size());
  const auto count = static_cast<std::int64_t>(groups);
  const at::Tensor hidden =
      at::tensor(states).view({count, reads, static_cast<std::int64_t>(network_.width)});
  const model::MultiplexerConfig& config = *model_->config().multiplexer;
  const at::Tensor separated = model::call_multiplexer(config, "demux", [&] {
    return model_->multiplexer()->demux(hidden, at::tensor({reads - 1}, at::kLong));
  });
  model::check_multiplexer_result(
      config, "demux", separated,
      {count, model_->num_instances(), 1, model_->config().encoder.hidden_size});
  return separated.to(at::kFloat).contiguous();
}

/// `mixed` [groups, positions, d'] when the multiplexer's own code has mixed them.
void Engine::run_groups(const Grouping& grouping, std::size_t first, std::size_t end,
                        const at::Tensor& mixed, float* logits) const {
  const kernels::Kernels& kernels = kernels::kernels_for(options_.instruction_set);
  const std::size_t instances = network_.mixing.instances;
  const std::size_t groups = end - first;
  std::vector<Sequence> sequences(groups);
  for (std::size_t g = 0; g < groups; ++g) {
    Sequence& sequence = sequences[g];
    sequence.rows = {grouping.tokens.data() + (first + g) * instances, instances};
    sequence.length = grouping.lengths[first + g];
    if (mixed.defined()) {
      sequence.mixed =
          mixed.data_ptr<float>() + static_cast<std::int64_t>(g) * mixed.size(1) * mixed.size(2);
    }
  }

  const std::size_t state_size = network_.read_positions.size() * network_.width;
  std::vector<float> states(groups * state_size);
  const EncoderPass encoder(network_, kernels);
  const std::vector<std::size_t> lengths(
      grouping.lengths.begin() + static_cast<std::ptrdiff_t>(first),
      grouping.lengths.begin() + static_cast<std::ptrdiff_t>(end));
  const std::vector<Chunk> chunks = plan_chunks(lengths, network_.format, threads());
  run_parallel(chunks.size(), threads(), [&](std::size_t task, std::size_t thread) {
    // The longest sequences are last: begin with them, so that all threads end at the same time.
    const Chunk& chunk = chunks[chunks.size() - 1 - task];
    encoder.run({sequences.data() + chunk.first, chunk.end - chunk.first}, workspaces_[thread],
                states.data() + chunk.first * state_size);
  });

  at::Tensor separated;
  if (model_->multiplexer() && !network_.separation) separated = separate(states, groups);
  const float* features = separated.defined() ? separated.data_ptr<float>() : states.data();
  const std::size_t feature_size =
      separated.defined()
          ? static_cast<std::size_t>(separated.numel()) / std::max<std::size_t>(groups, 1)
          : state_size;
  const HeadPass head(network_, kernels);
  const std::size_t share = (groups + threads() - 1) / threads();
  const std::size_t step = std::clamp<std::size_t>(share, 1, kHeadGroups);
  run_parallel((groups + step - 1) / step, threads(), [&](std::size_t task, std::size_t thread) {
    const std::size_t begin = task * step;
    head.run(features + begin * feature_size, std::min(step, groups - begin), separated.defined(),
             workspaces_[thread], logits + begin * instances * network_.labels);
  });
}

at::Tensor Engine::logits(const RowSource& rows, std::int64_t grouping) const {
  const c10::InferenceMode inference;
  if (!model_->plugin_head()) return own_logits(rows, grouping);
  const std::vector<at::Tensor> logits = torch_logits(*model_, options_, rows, grouping);
  return logits.empty() ? at::empty({0, model_->config().num_labels}) : at::stack(logits);
}

Grouping Engine::group(const RowSource& rows,
                       std::span<const std::vector<std::uint32_t>> batches) const {
  return group_rows(rows, batches, network_, static_cast<std::size_t>(model_->prefix_length()),
                    options_.attended_length);
}

Engine::Slots Engine::cpu_slots(const RowSource& rows,
                                std::span<const std::vector<std::uint32_t>> batches) const {
  const Grouping grouping = group(rows, batches);
  const std::size_t groups = grouping.lengths.size();
  const at::Tensor logits = at::zeros({static_cast<std::int64_t>(grouping.rows.size()),
                                       static_cast<std::int64_t>(network_.labels)});
  float* to = logits.data_ptr<float>();
  const std::size_t step =
      mixes_ ? kGroupsAtOnce : static_cast<std::size_t>(options_.groups_per_batch);
  for (std::size_t first = 0; first < groups; first += step) {
    const std::size_t end = std::min(first + step, groups);
    run_groups(grouping, first, end, mixes_ ? at::Tensor() : mix(rows, grouping, first, end),
               to + first * network_.mixing.instances * network_.labels);
  }
  return {logits, grouping.rows, grouping.filled};
}

/// A batch is prepared while the device works on those before it.
Engine::Slots Engine::device_slots(const RowSource& rows,
                                   std::span<const std::vector<std::uint32_t>> batches) const {
  const std::size_t full =
      static_cast<std::size_t>(options_.groups_per_batch) * network_.mixing.instances;
  Slots slots;
  std::vector<at::Tensor> arrived = {at::empty({0, static_cast<std::int64_t>(network_.labels)})};
  std::deque<PendingLogits> pending;
  const auto receive = [&](std::size_t left) {
    for (; pending.size() > left; pending.pop_front()) arrived.push_back(pending.front().wait());
  };
  for (const std::vector<std::uint32_t>& batch : batches) {
    const Grouping grouping = group(rows, {&batch, 1});
    slots.rows.insert(slots.rows.end(), grouping.rows.begin(), grouping.rows.end());
    slots.filled += grouping.filled;
    pending.push_back(device_->start(grouping, batch.size() == full));
    receive(kPendingBatches);
  }
  receive(0);
  slots.logits = at::cat(arrived);
  return slots;
}

at::Tensor Engine::own_logits(const RowSource& rows, std::int64_t grouping) const {
  const model::EvaluationMode evaluation(*model_);
  const std::vector<std::uint32_t> lengths = rows.lengths();
  ScheduleOptions schedule = schedule_options(options_, model_->num_instances(), grouping);
  // Padded to one length there is nothing to gain from sorting, and references go by input order.
  schedule.sort_by_length = !network_.mixing.pads_are_tokens;
  const std::vector<std::vector<std::uint32_t>> batches = schedule_rows(lengths, schedule);
  const Slots slots = device_ ? device_slots(rows, batches) : cpu_slots(rows, batches);

  const auto filled = static_cast<std::int64_t>(slots.filled);
  const at::Tensor index = at::tensor(
      std::vector<std::int64_t>(slots.rows.begin(), slots.rows.begin() + filled), at::kLong);
  at::Tensor result = at::zeros({static_cast<std::int64_t>(lengths.size()), slots.logits.size(1)});
  // A row that occurs several times gets the mean of its results.
  result.index_add_(0, index, slots.logits.slice(0, 0, filled));
  check_finite(result, options_.precision);
  return schedule.copies() > 1 ? result.div_(schedule.copies()) : result;
}

std::vector<double> Engine::seconds_per_part() const {
  if (model_->plugin_head()) {
    throw ConfigError(
        "a model with the head of a plugin runs on libtorch, which is not timed part by part");
  }
  if (device_) throw ConfigError("what runs on a GPU is not timed part by part");
  std::vector<double> seconds(kPartCount, 0.0);
  for (const Workspace& workspace : workspaces_) {
    for (std::size_t part = 0; part < kPartCount; ++part) {
      seconds[part] += workspace.profile.seconds(part);
    }
  }
  return seconds;
}

}  // namespace prumux::runtime
