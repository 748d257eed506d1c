#pragma once

#include <c10/core/Event.h>

#include <compare>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "core/model/model.h"
#include "core/runtime/device/device_encoder.h"
#include "core/runtime/device/row_kernels.h"
#include "core/runtime/grouping.h"
#include "core/runtime/precision.h"

namespace prumux::runtime {

/// A result on its way from a device to the CPU.
class PendingLogits {
 public:
  explicit PendingLogits(const at::Tensor& logits);

  /// Waits for it; float32 on the CPU.
  at::Tensor wait() const;

 private:
  at::Tensor arrived_;
  std::optional<c10::Event> event_;  ///< Absent on the CPU.
};

/// Runs grouped rows on an accelerator, one batch behind the other; full batches of a shape are
/// recorded once and started with one call. One thread at a time.
class DevicePass {
 public:
  /// Throws `ConfigError` for a number format that a GPU has not, and as `DeviceWeights::of` does.
  DevicePass(const model::Model& model, Precision precision,
             const std::shared_ptr<const RowKernels>& kernels);

  /// Starts one batch of a model that classifies rows: logits of its rows in their order, [rows,
  /// num_labels]. `full`: as large as those of its kind, so that its shape is worth recording.
  PendingLogits start(const Grouping& batch, bool full) const;

  std::string device_name() const { return encoder_.kernels().name(); }

 private:
  /// Of one batch. Positions behind a row's length are padding; types are 1 from `second_begins`
  /// on.
  struct TokenTable {
    at::Tensor input_ids;      ///< [R, L] int32.
    at::Tensor lengths;        ///< [R] int32; undefined where all rows are as long as the table.
    at::Tensor second_begins;  ///< [R] int32; undefined for multiplexed models.
  };
  struct Shape {
    std::int64_t rows = 0;
    std::int64_t length = 0;
    bool padded = false;
    auto operator<=>(const Shape&) const = default;
  };
  struct Recording {
    TokenTable table;   ///< On the device; the work reads it.
    at::Tensor logits;  ///< The work writes it.
    std::unique_ptr<const RecordedWork> work;
  };

  TokenTable table_of(std::span<const RowTokens> rows, std::size_t length) const;
  at::Tensor compute(const TokenTable& table) const;
  at::Tensor compute_recorded(const TokenTable& table) const;
  TokenTable on_device(const TokenTable& table) const;

  DeviceEncoder encoder_;
  std::size_t prefix_;
  std::size_t longest_;  ///< Tokens of a row that the model has positions for.
  bool pads_are_tokens_;
  /// A shape is run once before it is recorded: libraries set themselves up at the first use.
  mutable std::map<Shape, Recording> recordings_;
};

}  // namespace prumux::runtime
