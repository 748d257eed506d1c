#include "tests/system/pipelines.h"

namespace prumux::test {

std::filesystem::path sample_folder() {
  return std::filesystem::path(PRUMUX_SOURCE_DIR) / "configs" / "sample";
}

std::vector<std::string> short_quickstart(const std::filesystem::path& folder) {
  const std::vector<std::string> arguments = {
      "run", std::string(PRUMUX_SOURCE_DIR) + "/configs/quickstart.yaml", "--out",
      (folder / "run").string()};
  return with_settings(arguments, {
                                      "grid.instances.values=[2]",
                                      "grid.sparsity.values=[0, 0.5]",
                                      "data.cache=" + (folder / "cache").string(),
                                      "stages.warmup.steps=24",
                                      "stages.warmup.checkpoint_every=5",
                                      "stages.language.steps=12",
                                      "stages.language.checkpoint_every=5",
                                      "stages.dense.steps=30",
                                      "stages.dense.checkpoint_every=7",
                                      "stages.dense.evaluate_every=10",
                                      "stages.prune.steps=30",
                                      "stages.prune.checkpoint_every=7",
                                      "stages.prune.evaluate_every=10",
                                      "stages.final.steps=16",
                                      "stages.final.checkpoint_every=5",
                                      "stages.benchmark.rounds=1",
                                      "stages.benchmark.minimum_seconds=0.01",
                                  });
}

std::vector<std::string> with_settings(std::vector<std::string> arguments,
                                       const std::vector<std::string>& settings) {
  for (const std::string& setting : settings) {
    arguments.emplace_back("--set");
    arguments.push_back(setting);
  }
  return arguments;
}

}  // namespace prumux::test
