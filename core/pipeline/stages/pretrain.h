#pragma once

#include "core/pipeline/stage_kind.h"

namespace prumux::pipeline {

/// Token retrieval, masked language modelling or both on plain text (spec section 10, S0 to S2), or
/// the imitation of a model that is not multiplexed.
class PretrainStage : public StageKind {
 public:
  std::string name() const override { return "pretrain"; }
  std::string help() const override {
    return "train on plain text: token retrieval, masked language modelling, both, or imitation";
  }
  std::vector<config::Field> fields() const override;
  std::vector<InputPort> input_ports() const override;
  bool produces_model() const override { return true; }
  std::vector<std::string> irrelevant_settings() const override;
  void resolve(config::Value& settings) const override;
  void plan(const StageRequest& request, Record& record, config::Problems& problems) const override;
  void check(const StageRequest& request) const override;
  nlohmann::json run(const StageJob& job) const override;
  std::optional<std::int64_t> partial_step(const std::filesystem::path& folder) const override;
};

}  // namespace prumux::pipeline
