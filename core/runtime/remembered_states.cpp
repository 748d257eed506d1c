#include "core/runtime/remembered_states.h"

#include <ATen/ATen.h>

#include <utility>
#include <vector>

namespace prumux::runtime {
namespace {

using Text = std::u32string;

/// The tokens of each row and their types, without the padding at its end.
std::vector<Text> texts_of(const text::Batch& batch) {
  const at::Tensor ids = batch.input_ids.contiguous();
  const at::Tensor lengths = batch.attention_mask.sum(1).contiguous();
  const at::Tensor types =
      batch.token_type_ids.defined() ? batch.token_type_ids.contiguous() : at::zeros_like(ids);
  const std::int64_t padded = ids.size(1);
  std::vector<Text> texts;
  for (std::int64_t row = 0; row < ids.size(0); ++row) {
    const std::int64_t length = lengths.const_data_ptr<std::int64_t>()[row];
    Text& text = texts.emplace_back();
    for (const at::Tensor* numbers : {&ids, &types}) {
      const std::int64_t* first = numbers->const_data_ptr<std::int64_t>() + row * padded;
      text.append(first, first + length);
    }
  }
  return texts;
}

std::int64_t length_of(const Text& text) { return static_cast<std::int64_t>(text.size() / 2); }

text::Batch select(const text::Batch& batch, const std::vector<std::int64_t>& rows) {
  const at::Tensor index = at::tensor(rows, at::kLong);
  const at::Tensor& types = batch.token_type_ids;
  return {batch.input_ids.index_select(0, index),
          batch.attention_mask.index_select(0, index),
          types.defined() ? types.index_select(0, index) : types,
          {}};
}

}  // namespace

RememberedStates::RememberedStates(TokenStates states, at::ScalarType format,
                                   std::size_t maximum_bytes)
    : states_(std::move(states)), format_(format), free_bytes_(maximum_bytes) {}

at::Tensor RememberedStates::operator()(const text::Batch& batch) {
  const std::vector<Text> texts = texts_of(batch);
  Parts fresh = compute(batch, texts);
  at::Tensor states = at::empty({batch.attention_mask.sum().item<std::int64_t>(), width()});
  std::int64_t begin = 0;
  for (const Text& text : texts) {
    const auto found = fresh.find(text);
    const Part& part = found != fresh.end() ? found->second : remembered_.at(text);
    const std::int64_t length = length_of(text);
    states.narrow(0, begin, length).copy_(part.block.narrow(0, part.begin, length));
    begin += length;
  }
  remember(std::move(fresh));
  return states;
}

RememberedStates::Parts RememberedStates::compute(const text::Batch& batch,
                                                  const std::vector<Text>& texts) const {
  Parts fresh;
  std::vector<std::int64_t> rows;
  std::int64_t tokens = 0;
  for (std::size_t row = 0; row < texts.size(); ++row) {
    if (remembered_.contains(texts[row])) continue;
    if (!fresh.try_emplace(texts[row], Part{{}, tokens}).second) continue;
    rows.push_back(static_cast<std::int64_t>(row));
    tokens += length_of(texts[row]);
  }
  if (rows.empty()) return fresh;
  const at::Tensor block = states_(select(batch, rows)).to(format_);
  for (auto& entry : fresh) entry.second.block = block;
  return fresh;
}

void RememberedStates::remember(Parts fresh) {
  if (fresh.empty()) return;
  const std::size_t bytes = fresh.begin()->second.block.nbytes();
  if (bytes > free_bytes_) return;
  free_bytes_ -= bytes;
  remembered_.merge(fresh);
}

}  // namespace prumux::runtime
