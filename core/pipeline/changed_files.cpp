#include "core/pipeline/changed_files.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "prumux/error.h"

namespace prumux::pipeline {

void expect_unchanged_files(const PlannedStage& stage) {
  Record now(stage.record.files());
  config::Problems problems;
  stage.kind->plan(stage.request(), now, problems);
  for (const Record::Entry& planned : stage.record.entries()) {
    if (planned.kind != Record::Kind::content) continue;
    const auto found = std::ranges::find(now.entries(), planned.name, &Record::Entry::name);
    if (found != now.entries().end() && found->value == planned.value) continue;
    throw DataError(
        fmt::format("{} ({}) has changed since the run began; give the same command again "
                    "to compute with what is there now",
                    planned.name, planned.place));
  }
}

}  // namespace prumux::pipeline
