#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/runtime/network/sequence.h"
#include "core/text/batch.h"
#include "core/text/dataset.h"
#include "core/text/tokenizer.h"

namespace prumux::runtime {

/// Tokenized rows that wait for their logits. Must outlive the calls that read it.
class RowSource {
 public:
  virtual ~RowSource() = default;
  virtual std::vector<std::uint32_t> lengths() const = 0;
  virtual RowTokens tokens(std::uint32_t row) const = 0;
  /// The chosen rows padded to `length`, or to the longest of them.
  virtual text::Batch collate(std::span<const std::uint32_t> rows,
                              std::optional<std::size_t> length) const = 0;
};

/// Rows of a task's file.
class DatasetRows : public RowSource {
 public:
  explicit DatasetRows(const text::Dataset& dataset) : dataset_(dataset) {}
  std::vector<std::uint32_t> lengths() const override;
  RowTokens tokens(std::uint32_t row) const override;
  text::Batch collate(std::span<const std::uint32_t> rows,
                      std::optional<std::size_t> length) const override;

 private:
  text::Dataset dataset_;
};

/// Texts that were tokenized just now.
class EncodedRows : public RowSource {
 public:
  EncodedRows(std::vector<text::Encoding> encodings, text::TokenId padding_id)
      : encodings_(std::move(encodings)), padding_id_(padding_id) {}
  std::vector<std::uint32_t> lengths() const override;
  RowTokens tokens(std::uint32_t row) const override;
  text::Batch collate(std::span<const std::uint32_t> rows,
                      std::optional<std::size_t> length) const override;

 private:
  std::vector<text::Encoding> encodings_;
  text::TokenId padding_id_;
};

enum class BatchPadding { left_out, kept };

/// The rows of a batch, whose padding is at their ends.
EncodedRows rows_of(const text::Batch& batch, std::int64_t padding_id, BatchPadding padding);

}  // namespace prumux::runtime
