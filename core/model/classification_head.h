#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/model/config.h"
#include "core/model/layer.h"
#include "core/model/selection.h"
#include "core/model/state_reader.h"
#include "core/model/task_head.h"
#include "prumux/encoder.h"
#include "prumux/tensors.h"

namespace prumux::model {

/// Logits from feature vectors. BERT, and every classifier of tokens: one linear layer,
/// `classifier`. RoBERTa and ELECTRA: two, `classifier.dense` (tanh or gelu between them) and
/// `classifier.out_proj`; ELECTRA's discriminator: `discriminator_predictions`.
class ClassificationHead : public TaskHead {
 public:
  struct Form {
    HeadKind kind = HeadKind::sequence;
    /// Whether features go to the last layer as they are. A discriminator has two layers always.
    bool single_layer = true;
    double dropout = 0.0;  ///< Before each layer, in training.
  };

  /// Fresh weights.
  ClassificationHead(const EncoderConfig& config, std::int64_t num_labels, const Form& form);

  /// [..., d'] -> [..., num_labels].
  at::Tensor forward(const at::Tensor& features) const;

  std::vector<std::string> load(StateReader& state, std::int64_t features) override;
  void prune_features(const UnitSelection& hidden) override;
  NamedTensors named_tensors() const override;

 private:
  void register_all();

  EncoderConfig config_;
  Form form_;
  std::optional<Affine> dense_;  ///< [d, d'].
  Affine output_;
};

}  // namespace prumux::model
