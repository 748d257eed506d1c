#include "core/runtime/row_source.h"

#include <algorithm>

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
  const auto second = std::find(encoding.type_ids.begin(), encoding.type_ids.end(), 1);
  return {encoding.ids, static_cast<std::size_t>(second - encoding.type_ids.begin())};
}

text::Batch EncodedRows::collate(std::span<const std::uint32_t> rows,
                                 std::optional<std::size_t> length) const {
  std::vector<text::Encoding> chosen;
  chosen.reserve(rows.size());
  for (const std::uint32_t row : rows) chosen.push_back(encodings_[row]);
  return text::collate(chosen, padding_id_, length);
}

}  // namespace prumux::runtime
