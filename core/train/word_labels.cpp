#include "core/train/word_labels.h"

#include <ATen/ATen.h>

#include "core/text/masking.h"

namespace prumux::train {
namespace {

std::vector<std::int64_t> to_vector(const at::Tensor& tensor) {
  const at::Tensor values = tensor.to(at::kCPU, at::kLong).contiguous();
  const auto* data = values.const_data_ptr<std::int64_t>();
  return {data, data + values.numel()};
}

}  // namespace

at::Tensor labelled_logits(const at::Tensor& logits, const at::Tensor& labels) {
  if (logits.dim() != 3) return logits;
  const at::Tensor places = labels.flatten().ne(text::kIgnoredLabel).nonzero().squeeze(1);
  return logits.flatten(0, 1).index_select(0, places);
}

at::Tensor labelled(const at::Tensor& labels) {
  if (labels.dim() != 2) return labels;
  return labels.masked_select(labels.ne(text::kIgnoredLabel));
}

void append_word_classes(const at::Tensor& logits, const at::Tensor& labels,
                         text::LabelRows& predicted, text::LabelRows& actual) {
  const at::Tensor classes = logits.argmax(2);
  for (std::int64_t row = 0; row < labels.size(0); ++row) {
    const at::Tensor words = labels[row].ne(text::kIgnoredLabel);
    predicted.push_back(to_vector(classes[row].masked_select(words)));
    actual.push_back(to_vector(labels[row].masked_select(words)));
  }
}

}  // namespace prumux::train
