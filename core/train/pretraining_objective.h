#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "core/model/model.h"
#include "core/train/objective.h"
#include "core/train/options.h"
#include "core/train/vocabulary_targets.h"

namespace prumux::train {

/// Weights of the pretraining losses (spec section 5). A term of weight 0 is not computed.
struct PretrainingOptions {
  double retrieval_coefficient = 1.0;
  double masked_lm_coefficient = 0.0;
  double retrieval_percentage = 1.0;  ///< Share of the positions, drawn one by one, to retrieve.
};

/// Token retrieval, masked language modelling, or both. For masked language modelling the batch's
/// labels are [R, L], -100 where no token is to be predicted. Retrieval draws one instance for each
/// position of a group; where the multiplexer masks padding, padding is not retrieved.
///
/// Metrics: "retrieval_loss" and "masked_lm_loss" of the last micro-batch, and in evaluation mode
/// the shares of right predictions, "retrieval_accuracy" and "masked_lm_accuracy".
class PretrainingObjective : public Objective {
 public:
  /// Adds a vocabulary head to a model that has none. Throws `ConfigError` when no coefficient is
  /// positive.
  PretrainingObjective(std::shared_ptr<model::Model> model, const PretrainingOptions& options,
                       Precision precision);

  NamedTensors parameters() override;
  void set_training(bool training) override;
  at::Tensor loss(const text::Batch& batch, std::int64_t step) override;
  std::map<std::string, double> metrics() override { return metrics_; }

 private:
  VocabularyTargets draw_retrieval_targets(const TokenRows& rows, std::int64_t prefix_length) const;
  at::Tensor term(const std::string& name, const model::EncodedGroups& encoded,
                  const VocabularyTargets& targets);

  std::shared_ptr<model::Model> model_;
  PretrainingOptions options_;
  Precision precision_;
  std::map<std::string, double> metrics_;
};

}  // namespace prumux::train
