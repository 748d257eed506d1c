#include "core/text/collate.h"

#include <ATen/ATen.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <vector>

#include "prumux/error.h"

namespace prumux::text {
namespace {

/// Fills the three input tensors of a batch row by row.
class InputRows {
 public:
  InputRows(std::size_t rows, std::size_t longest, std::optional<std::size_t> length,
            TokenId padding_id) {
    if (rows == 0) throw ConfigError("a batch needs at least one row");
    if (length && *length < longest) {
      throw ConfigError(fmt::format(
          "a row of {} tokens does not fit the fixed length of {}; raise it to the data's maximum "
          "length",
          longest, *length));
    }
    width_ = length.value_or(longest);
    const std::vector<std::int64_t> shape{static_cast<std::int64_t>(rows),
                                          static_cast<std::int64_t>(width_)};
    batch_.input_ids = at::full(shape, padding_id, at::kLong);
    batch_.attention_mask = at::zeros(shape, at::kLong);
    batch_.token_type_ids = at::zeros(shape, at::kLong);
  }

  void set(std::size_t row, std::span<const TokenId> ids, std::size_t second_begin) {
    const std::size_t begin = row * width_;
    auto* input = batch_.input_ids.mutable_data_ptr<std::int64_t>() + begin;
    auto* mask = batch_.attention_mask.mutable_data_ptr<std::int64_t>() + begin;
    auto* types = batch_.token_type_ids.mutable_data_ptr<std::int64_t>() + begin;
    std::copy(ids.begin(), ids.end(), input);
    std::fill_n(mask, ids.size(), 1);
    for (std::size_t i = second_begin; i < ids.size(); ++i) types[i] = 1;
  }

  std::size_t width() const { return width_; }
  Batch take() { return std::move(batch_); }

 private:
  Batch batch_;
  std::size_t width_ = 0;
};

}  // namespace

Batch collate(const Dataset& dataset, std::span<const std::uint32_t> rows,
              std::optional<std::size_t> length) {
  std::size_t longest = 0;
  for (const std::uint32_t row : rows) longest = std::max(longest, dataset.length(row));
  InputRows inputs(rows.size(), longest, length, dataset.padding_id());
  std::vector<double> labels;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    inputs.set(i, dataset.ids(rows[i]), dataset.second_begin(rows[i]));
    labels.push_back(dataset.label(rows[i]));
  }
  Batch batch = inputs.take();
  if (dataset.labels_words()) {
    batch.labels = at::full_like(batch.input_ids, kIgnoredLabel);
    auto* words = batch.labels.mutable_data_ptr<std::int64_t>();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto of_row = dataset.word_labels(rows[i]);
      std::copy(of_row.begin(), of_row.end(), words + i * inputs.width());
    }
    return batch;
  }
  batch.labels =
      at::tensor(labels, at::kDouble).to(dataset.is_regression() ? at::kFloat : at::kLong);
  return batch;
}

Batch collate_masked(const Corpus& corpus, std::span<const std::uint32_t> chunks,
                     const Tokenizer& tokenizer, const MaskingOptions& options, std::uint64_t seed,
                     std::uint64_t epoch, std::optional<std::size_t> length) {
  std::vector<MaskedTokens> masked;
  std::vector<std::size_t> second_begins;
  std::size_t longest = 0;
  for (const std::uint32_t index : chunks) {
    const Corpus::Chunk chunk = corpus.chunk(index);
    masked.push_back(mask_tokens(chunk.ids, tokenizer, options, seed, epoch, index));
    second_begins.push_back(chunk.second_begin);
    longest = std::max(longest, chunk.ids.size());
  }
  InputRows inputs(chunks.size(), longest, length, corpus.padding_id());
  for (std::size_t i = 0; i < masked.size(); ++i) inputs.set(i, masked[i].ids, second_begins[i]);
  Batch batch = inputs.take();
  batch.labels = at::full_like(batch.input_ids, kIgnoredLabel);
  auto* labels = batch.labels.mutable_data_ptr<std::int64_t>();
  for (std::size_t i = 0; i < masked.size(); ++i)
    std::copy(masked[i].labels.begin(), masked[i].labels.end(), labels + i * inputs.width());
  return batch;
}

Batch collate(std::span<const Encoding> encodings, TokenId padding_id,
              std::optional<std::size_t> length) {
  std::size_t longest = 0;
  for (const Encoding& encoding : encodings) longest = std::max(longest, encoding.ids.size());
  InputRows inputs(encodings.size(), longest, length, padding_id);
  for (std::size_t i = 0; i < encodings.size(); ++i) {
    inputs.set(i, encodings[i].ids, encodings[i].second_begin());
  }
  return inputs.take();
}

}  // namespace prumux::text
