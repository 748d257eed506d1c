#include "core/runtime/row_source.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

#include "core/text/collate.h"

namespace prumux::runtime {

std::vector<std::uint32_t> DatasetRows::lengths() const { return dataset_.lengths(); }

RowTokens DatasetRows::tokens(std::uint32_t row) const {
  return {dataset_.ids(row), dataset_.second_begin(row)};
}

text::Batch DatasetRows::collate(std::span<const std::uint32_t> rows,
                                 std::optional<std::size_t> length) const {
  return text::collate(dataset_, rows, length);
}

std::vector<std::uint32_t> EncodedRows::lengths() const {
  std::vector<std::uint32_t> lengths;
  lengths.reserve(encodings_.size());
  for (const text::Encoding& encoding : encodings_) {
    lengths.push_back(static_cast<std::uint32_t>(encoding.ids.size()));
  }
  return lengths;
}

RowTokens EncodedRows::tokens(std::uint32_t row) const {
  const text::Encoding& encoding = encodings_[row];
  const auto& types = encoding.type_ids;
  const std::size_t begin = encoding.second_begin();
  const auto end = std::find(types.begin() + static_cast<std::ptrdiff_t>(begin), types.end(), 0);
  return {encoding.ids, begin, static_cast<std::size_t>(end - types.begin())};
}

text::Batch EncodedRows::collate(std::span<const std::uint32_t> rows,
                                 std::optional<std::size_t> length) const {
  std::vector<text::Encoding> chosen;
  chosen.reserve(rows.size());
  for (const std::uint32_t row : rows) chosen.push_back(encodings_[row]);
  return text::collate(chosen, padding_id_, length);
}

EncodedRows rows_of(const text::Batch& batch, std::int64_t padding_id, BatchPadding padding) {
  const at::Tensor ids = batch.input_ids.contiguous();
  const at::Tensor types =
      batch.token_type_ids.defined() ? batch.token_type_ids.contiguous() : at::zeros_like(ids);
  const at::Tensor lengths = batch.attention_mask.sum(1).contiguous();
  const std::int64_t* id = ids.const_data_ptr<std::int64_t>();
  const std::int64_t* type = types.const_data_ptr<std::int64_t>();
  std::vector<text::Encoding> encodings(static_cast<std::size_t>(ids.size(0)));
  for (std::size_t row = 0; row < encodings.size(); ++row, id += ids.size(1), type += ids.size(1)) {
    const std::int64_t length =
        padding == BatchPadding::kept ? ids.size(1) : lengths.const_data_ptr<std::int64_t>()[row];
    encodings[row].ids.assign(id, id + length);
    encodings[row].type_ids.assign(type, type + length);
  }
  return {std::move(encodings), static_cast<text::TokenId>(padding_id)};
}

}  // namespace prumux::runtime
