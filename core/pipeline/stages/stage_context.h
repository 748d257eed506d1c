#pragma once

#include <cstdint>
#include <memory>

#include "core/pipeline/stage_kind.h"
#include "core/text/tokenizer.h"
#include "prumux/descriptor.h"
#include "prumux/stage.h"

namespace prumux::pipeline {

/// What a plugin's stage sees of the job that it runs as. Refuses, with `PluginError`, what its
/// capabilities do not announce, since the result would depend on something that the plan ignores.
class JobContext : public StageContext {
 public:
  JobContext(const StageJob& job, std::uint32_t capabilities)
      : job_(job), capabilities_(capabilities) {}

  std::string id() const override { return job_.id; }
  std::filesystem::path folder() const override { return job_.folder; }
  std::int64_t seed() const override;
  std::shared_ptr<StageModel> model() override;
  std::shared_ptr<StageModel> teacher() override;
  void save(const StageModel& model) override;
  void read(DataSplit split, std::int64_t rows,
            const std::function<void(const LabelledRows&)>& consume) override;
  std::vector<CellResult> cells() const override;
  void log(const std::string& line) override;
  void at_step(std::int64_t step) override;

  /// The step that the stage was at last; -1: it never said.
  std::int64_t step() const { return step_; }
  bool saved() const { return saved_; }

 private:
  void require(PrumuxCapability capability, const char* function) const;
  const text::Tokenizer& tokenizer();

  const StageJob& job_;
  std::uint32_t capabilities_;
  std::shared_ptr<const text::Tokenizer> tokenizer_;
  std::int64_t step_ = -1;
  bool saved_ = false;
};

}  // namespace prumux::pipeline
