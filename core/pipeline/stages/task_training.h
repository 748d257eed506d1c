#pragma once

#include "core/pipeline/stage_kind.h"

namespace prumux::pipeline {

/// Training on labelled texts, on the task's own loss or under a compressor, whose plan is then
/// applied to the model. `finetune` may have a compressor (distillation), `prune` must.
class TaskTrainingStage : public StageKind {
 public:
  enum class Purpose { finetune, prune };

  explicit TaskTrainingStage(Purpose purpose) : purpose_(purpose) {}

  std::string name() const override { return purpose_ == Purpose::prune ? "prune" : "finetune"; }
  std::string help() const override;
  std::vector<config::Field> fields() const override;
  std::vector<InputPort> input_ports() const override;
  bool produces_model() const override { return true; }
  std::vector<std::string> irrelevant_settings() const override;
  void resolve(config::Value& settings) const override;
  void plan(const StageRequest& request, Record& record, config::Problems& problems) const override;
  void check(const StageRequest& request) const override;
  nlohmann::json run(const StageJob& job) const override;
  std::optional<std::int64_t> partial_step(const std::filesystem::path& folder) const override;

 private:
  Purpose purpose_;
};

}  // namespace prumux::pipeline
