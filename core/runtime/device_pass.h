#pragma once

#include <compare>
#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "core/model/model.h"
#include "core/runtime/device/device_encoder.h"
#include "core/runtime/device/row_kernels.h"
#include "core/runtime/grouping.h"
#include "core/runtime/precision.h"

namespace prumux::runtime {

/// Runs grouped rows on an accelerator. A batch is prepared while the device works on those before
/// it; full batches of a shape are recorded once and started with one call. One thread at a time.
class DevicePass {
 public:
  /// Throws `ConfigError` for a number format that a GPU has not, and as `DeviceWeights::of` does.
  DevicePass(const model::Model& model, Precision precision,
             const std::shared_ptr<const RowKernels>& kernels);

  /// Logits of all rows of the grouping in its order, [rows, num_labels], of a model that
  /// classifies rows. Groups of neighbouring lengths, as in the grouping, form the batches.
  void run(const Grouping& grouping, std::size_t groups_per_batch, float* logits) const;

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
  at::Tensor start(const TokenTable& table, bool full) const;
  TokenTable on_device(const TokenTable& table) const;

  DeviceEncoder encoder_;
  std::size_t prefix_;
  std::size_t longest_;  ///< Tokens of a row that the model has positions for.
  bool pads_are_tokens_;
  /// A shape is run once before it is recorded: libraries set themselves up at the first use.
  mutable std::map<Shape, Recording> recordings_;
};

}  // namespace prumux::runtime
