#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "core/model/model.h"
#include "prumux/descriptor.h"
#include "prumux/stage.h"

namespace prumux::conformance {

/// What a pipeline would offer a stage: the sample model, a teacher, labelled rows, four cells.
/// Throws `Failure` for what the stage's capabilities do not announce.
class SampleContext : public StageContext {
 public:
  /// `stop_at`: the call of `at_step`, from 1, at which the user wants to stop; 0: never.
  SampleContext(std::uint32_t capabilities, std::filesystem::path folder, int stop_at = 0);

  std::string id() const override { return "checked"; }
  std::filesystem::path folder() const override { return folder_; }
  std::int64_t seed() const override;
  std::shared_ptr<StageModel> model() override;
  std::shared_ptr<StageModel> teacher() override;
  void save(const StageModel& model) override;
  void read(DataSplit split, std::int64_t rows,
            const std::function<void(const LabelledRows&)>& consume) override;
  std::vector<CellResult> cells() const override;
  void log(const std::string& /*line*/) override {}
  void at_step(std::int64_t step) override;

  int steps() const { return steps_; }
  int saves() const { return saves_; }
  /// Of the model that was saved.
  const TensorMap& saved_state() const { return saved_state_; }

 private:
  void require(PrumuxCapability capability, const char* function) const;

  std::uint32_t capabilities_;
  std::filesystem::path folder_;
  int stop_at_;
  int steps_ = 0;
  int saves_ = 0;
  TensorMap saved_state_;
};

}  // namespace prumux::conformance
