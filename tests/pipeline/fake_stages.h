#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/io/atomic_file.h"
#include "core/pipeline/engine.h"
#include "prumux/error.h"

namespace prumux::pipeline {

/// What the fake stages have done, and what they are to do.
struct Journal {
  std::vector<std::string> runs;  ///< "id" or "id from step n", in order.
  std::vector<std::string> checks;
  std::string interrupt_in;  ///< Id of a stage that stops at step 3 as if the user had stopped it.
  std::string fail_check_in;
  std::function<void(const std::string&)> on_run;  ///< Called with the id; may be empty.
};

/// Writes a "model" that is a function of its settings and its input's model.
class FakeStage : public StageKind {
 public:
  FakeStage(std::string name, bool produces_model, Journal& journal)
      : name_(std::move(name)), produces_model_(produces_model), journal_(journal) {}

  std::string name() const override { return name_; }
  std::string help() const override { return "a fake"; }
  std::vector<config::Field> fields() const override {
    return {{.name = "rate", .type = config::Type::real, .default_value = "0.1", .maximum = 1},
            {.name = "data", .type = config::Type::path},
            {.name = "log_every", .type = config::Type::integer, .default_value = "10"}};
  }
  std::vector<InputPort> input_ports() const override {
    return {{"from", true}, {"teacher", false}, {.name = "sweep", .along_grid = true}};
  }
  bool produces_model() const override { return produces_model_; }
  std::vector<std::string> irrelevant_settings() const override { return {"log_every"}; }

  void plan(const StageRequest& request, Record& record,
            config::Problems& problems) const override {
    if (!request.inputs.contains("from")) record.add("model", request.pipeline.at("model"));
    if (request.adds_multiplexer) {
      record.add("instances", request.pipeline.at("multiplexer").at("instances"));
    }
    const config::Value* data = request.settings.find("data");
    if (data == nullptr) return;
    if (!std::filesystem::exists(data->path())) {
      problems.add(data->place, "data '" + data->text + "' - no such file");
    } else {
      record.add({"data", io::read_file(data->path()), Record::Kind::content, data->place.text()});
    }
  }

  void check(const StageRequest& request) const override {
    const std::string& id = request.settings.at("id").string();
    journal_.checks.push_back(id);
    if (id == journal_.fail_check_in) throw DataError("bad data of " + id);
  }

  nlohmann::json run(const StageJob& job) const override {
    const std::optional<std::int64_t> step = partial_step(job.folder);
    journal_.runs.push_back(step ? job.id + " from step " + std::to_string(*step) : job.id);
    if (journal_.on_run) journal_.on_run(job.id);
    if (job.id == journal_.interrupt_in) {
      io::write_file_atomically(job.folder / "checkpoints" / "3", "state");
      io::write_file_atomically(job.folder / "model.tmp-1", "half");
      throw Interrupted("stopped");
    }
    std::string model = job.settings.at("rate").text;
    for (const auto& [port, folder] : job.inputs) {
      model += "(" + port + io::read_file(folder / "model" / "weights") + ")";
    }
    if (produces_model_) io::write_file_atomically(job.folder / "model" / "weights", model);
    return {{"accuracy", job.settings.at("rate").real()}, {"throughput", 100.0}};
  }

  std::optional<std::int64_t> partial_step(const std::filesystem::path& folder) const override {
    if (std::filesystem::exists(folder / "checkpoints" / "3")) return 3;
    return std::nullopt;
  }

 private:
  std::string name_;
  bool produces_model_;
  Journal& journal_;
};

/// Runs once, and counts the cells that it is shown.
class FakeOverview : public StageKind {
 public:
  explicit FakeOverview(Journal& journal) : journal_(journal) {}
  std::string name() const override { return "overview"; }
  std::string help() const override { return "a fake"; }
  std::vector<config::Field> fields() const override { return {}; }
  bool runs_after_cells() const override { return true; }
  void plan(const StageRequest&, Record&, config::Problems&) const override {}
  nlohmann::json run(const StageJob& job) const override {
    journal_.runs.push_back(job.id);
    return {{"cells", job.summary.cells.size()},
            {"measured", job.summary.cells.back().number("accuracy").value_or(-1)}};
  }

 private:
  Journal& journal_;
};

/// A folder of its own for each test, with a table of fake stages.
class PipelineTest : public testing::Test {
 protected:
  PipelineTest()
      : root_(std::filesystem::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name()),
        table_(kinds(), sections()) {
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_);
  }
  ~PipelineTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }

  std::filesystem::path write(const std::string& text) const {
    io::write_file_atomically(root_ / "p.yaml", text);
    return root_ / "p.yaml";
  }

  Plan plan(const std::string& text, const std::vector<std::string>& overrides = {}) const {
    return make_plan(load_definition(write(text), overrides, table_), table_);
  }

  RunFolder folder() const { return RunFolder(root_ / "run"); }

  Summary run_text(const std::string& text, const RunOptions& options = {},
                   const std::vector<std::string>& overrides = {}) {
    journal_.runs.clear();
    journal_.checks.clear();
    return run(plan(text, overrides), folder(), options);
  }

  /// The message of the `ConfigError` with the folder of the test left out.
  template <typename Work>
  std::string error_of(const Work& work) const {
    try {
      work();
    } catch (const ConfigError& problem) {
      std::string text = problem.what();
      const std::string prefix = root_.string() + "/";
      for (std::size_t at; (at = text.find(prefix)) != std::string::npos;) {
        text.erase(at, prefix.size());
      }
      return text;
    }
    ADD_FAILURE() << "expected a ConfigError";
    return "";
  }

  std::filesystem::path root_;
  Journal journal_;
  StageTable table_;

 private:
  std::vector<std::unique_ptr<const StageKind>> kinds() {
    std::vector<std::unique_ptr<const StageKind>> result;
    result.push_back(std::make_unique<FakeStage>("train", true, journal_));
    result.push_back(std::make_unique<FakeStage>("measure", false, journal_));
    result.push_back(std::make_unique<FakeOverview>(journal_));
    return result;
  }
  static std::vector<config::Field> sections() {
    return {{.name = "model", .default_value = "fresh"},
            {.name = "multiplexer",
             .type = config::Type::map,
             .default_value = "{}",
             .fields = {{.name = "instances",
                         .type = config::Type::integer,
                         .default_value = "1",
                         .minimum = 1}}}};
  }
};

}  // namespace prumux::pipeline
