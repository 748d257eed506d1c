#include "core/pipeline/stages/report.h"

#include <spdlog/spdlog.h>

#include "core/report/report.h"

namespace prumux::pipeline {

std::vector<config::Field> ReportStage::fields() const {
  return {{.name = "to",
           .type = config::Type::path,
           .help = "file that receives the page; by default report.html in the folder of the run"}};
}

void ReportStage::plan(const StageRequest& /*request*/, Record& /*record*/,
                       config::Problems& /*problems*/) const {}

nlohmann::json ReportStage::run(const StageJob& job) const {
  const config::Value* to = job.settings.find("to");
  const std::filesystem::path out =
      to != nullptr ? to->path() : job.run_folder / report::kDefaultName;
  nlohmann::json written = report::write_report(job.run_folder, out);
  spdlog::info("the report is {}", out.string());
  return written;
}

}  // namespace prumux::pipeline
