#pragma once

#include <ATen/core/Tensor.h>

#include "core/text/entities.h"

namespace prumux::train {

// In a task that labels words, logits are [R, L, C] and labels [R, L], -100 where no word begins.
// All else has logits [R, C] and labels [R], which pass through.

/// Logits [T, C] of the tokens that have a label.
at::Tensor labelled_logits(const at::Tensor& logits, const at::Tensor& labels);

/// Labels [T] of the tokens that have one.
at::Tensor labelled(const at::Tensor& labels);

/// Appends for each row the most likely classes of its words, and their labels.
void append_word_classes(const at::Tensor& logits, const at::Tensor& labels,
                         text::LabelRows& predicted, text::LabelRows& actual);

}  // namespace prumux::train
