#include "core/runtime/device_pass.h"

#include <ATen/ATen.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <utility>

#include "core/model/embeddings.h"
#include "prumux/error.h"

namespace prumux::runtime {
namespace {

/// Lengths are rounded up to this, so that texts have few shapes and products are aligned.
constexpr std::size_t kLengthStep = 16;

at::ScalarType type_of(Precision precision) {
  if (precision == Precision::float32) return at::kFloat;
  if (precision == Precision::bfloat16) return at::kBFloat16;
  throw ConfigError(
      fmt::format("a GPU computes in float32 or bfloat16, not in {}", name_of(precision)));
}

at::Device device_of(const RowKernels& kernels) {
  return kernels.on_gpu() ? at::Device(at::kCUDA, 0) : at::Device(at::kCPU);
}

/// On the CPU, where a GPU can fetch it by itself.
at::Tensor host_integers(at::IntArrayRef sizes, at::Device device) {
  return at::empty(sizes, at::TensorOptions(at::kInt).pinned_memory(device.is_cuda()));
}

}  // namespace

PendingLogits::PendingLogits(const at::Tensor& logits)
    : arrived_(at::empty(logits.sizes(),
                         at::TensorOptions(logits.scalar_type()).pinned_memory(logits.is_cuda()))) {
  arrived_.copy_(logits, /*non_blocking=*/true);
  if (!logits.is_cuda()) return;
  const c10::impl::VirtualGuardImpl device(logits.device().type());
  event_.emplace(logits.device().type());
  event_->record(device.getStream(logits.device()));
}

at::Tensor PendingLogits::wait() const {
  if (event_) event_->synchronize();
  return arrived_;
}

DevicePass::DevicePass(const model::Model& model, Precision precision,
                       const std::shared_ptr<const RowKernels>& kernels)
    : encoder_(model, device_of(*kernels), type_of(precision), kernels),
      prefix_(static_cast<std::size_t>(model.prefix_length())),
      longest_(static_cast<std::size_t>(model.config().encoder.max_position_embeddings -
                                        model::first_position(model.config().encoder)) -
               prefix_),
      pads_are_tokens_(model.multiplexer() &&
                       model.multiplexer()->padding() == PaddingSemantics::attended) {}

DevicePass::TokenTable DevicePass::table_of(std::span<const RowTokens> rows,
                                            std::size_t length) const {
  const bool padded = !pads_are_tokens_ &&
                      std::any_of(rows.begin(), rows.end(),
                                  [&](const RowTokens& row) { return row.ids.size() < length; });
  if (padded) {
    const std::size_t rounded = (length + kLengthStep - 1) / kLengthStep * kLengthStep;
    length = std::max(length, std::min(rounded, longest_));
  }
  const auto count = static_cast<std::int64_t>(rows.size());
  TokenTable table;
  table.input_ids = host_integers({count, static_cast<std::int64_t>(length)}, encoder_.device());
  table.input_ids.fill_(encoder_.config().encoder.pad_token_id);
  if (padded) table.lengths = host_integers({count}, encoder_.device());
  if (encoder_.config().num_instances() == 1) {
    table.second_begins = host_integers({count}, encoder_.device());
  }
  std::int32_t* ids = table.input_ids.mutable_data_ptr<std::int32_t>();
  for (std::size_t r = 0; r < rows.size(); ++r) {
    std::copy(rows[r].ids.begin(), rows[r].ids.end(), ids + r * length);
    if (padded) {
      table.lengths.mutable_data_ptr<std::int32_t>()[r] =
          static_cast<std::int32_t>(rows[r].ids.size());
    }
    if (table.second_begins.defined()) {
      table.second_begins.mutable_data_ptr<std::int32_t>()[r] =
          static_cast<std::int32_t>(rows[r].second_begin);
    }
  }
  return table;
}

DevicePass::TokenTable DevicePass::on_device(const TokenTable& table) const {
  const auto move = [&](const at::Tensor& tensor) {
    return tensor.defined() ? tensor.to(encoder_.device(), /*non_blocking=*/true, /*copy=*/true)
                            : tensor;
  };
  return {move(table.input_ids), move(table.lengths), move(table.second_begins)};
}

at::Tensor DevicePass::compute(const TokenTable& table) const {
  DeviceRows rows;
  rows.input_ids = table.input_ids.to(at::kLong);
  const at::Tensor places =
      at::arange(rows.input_ids.size(1), at::TensorOptions(at::kInt).device(encoder_.device()));
  if (table.lengths.defined()) {
    rows.attention_mask = places.lt(table.lengths.unsqueeze(1)).to(at::kLong);
  }
  if (table.second_begins.defined()) {
    rows.token_type_ids = places.ge(table.second_begins.unsqueeze(1)).to(at::kLong);
    if (rows.attention_mask.defined()) rows.token_type_ids.mul_(rows.attention_mask);
  }
  return encoder_.compute(rows);
}

at::Tensor DevicePass::compute_recorded(const TokenTable& table) const {
  const Shape shape{table.input_ids.size(0), table.input_ids.size(1), table.lengths.defined()};
  const auto [found, unseen] = recordings_.try_emplace(shape);
  if (unseen) return compute(on_device(table));
  Recording& recording = found->second;
  if (!recording.work) {
    recording.table = on_device(table);
    recording.work =
        encoder_.kernels().record([&] { recording.logits = compute(recording.table); });
    if (!recording.work) return compute(recording.table);
  }
  const auto refill = [](const at::Tensor& to, const at::Tensor& from) {
    if (to.defined()) to.copy_(from, /*non_blocking=*/true);
  };
  refill(recording.table.input_ids, table.input_ids);
  refill(recording.table.lengths, table.lengths);
  refill(recording.table.second_begins, table.second_begins);
  recording.work->start();
  return recording.logits;
}

PendingLogits DevicePass::start(const Grouping& batch, bool full) const {
  const std::size_t length =
      *std::max_element(batch.lengths.begin(), batch.lengths.end()) - prefix_;
  const TokenTable table = table_of(batch.tokens, length);
  return PendingLogits(full ? compute_recorded(table) : compute(on_device(table)));
}

}  // namespace prumux::runtime
