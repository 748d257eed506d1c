#include "core/train/vocabulary_targets.h"

#include <torch/types.h>

#include "core/text/masking.h"

namespace prumux::train {

VocabularyTargets retrieval_targets(const TokenRows& rows, const at::Tensor& instance_labels,
                                    std::int64_t num_instances, std::int64_t prefix_length,
                                    const at::Tensor& kept) {
  const at::NoGradGuard no_gradient;
  at::Tensor chosen = kept.defined() ? kept.clone() : at::ones_like(instance_labels, at::kBool);
  chosen.narrow(1, 0, prefix_length).fill_(false);
  const at::Tensor cells = chosen.nonzero();  // [M, 2]
  const at::Tensor group = cells.select(1, 0);
  const at::Tensor position = cells.select(1, 1);
  const at::Tensor instance = instance_labels.index({group, position});
  const at::Tensor row = group * num_instances + instance;
  return {{group, instance, position}, rows.input_ids.index({row, position})};
}

VocabularyTargets masked_lm_targets(const at::Tensor& labels, std::int64_t num_instances,
                                    std::int64_t prefix_length) {
  const at::NoGradGuard no_gradient;
  const at::Tensor cells = labels.ne(text::kIgnoredLabel).nonzero();  // [M, 2]
  const at::Tensor row = cells.select(1, 0);
  const at::Tensor position = cells.select(1, 1);
  return {{row.div(num_instances, "floor"), row.remainder(num_instances), position + prefix_length},
          labels.index({row, position})};
}

}  // namespace prumux::train
