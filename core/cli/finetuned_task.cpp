#include "core/cli/finetuned_task.h"

#include <algorithm>

namespace prumux::cli {

const text::Task* finetuned_task(const model::Model& model) {
  const std::string& name = model.config().finetuning_task;
  const auto names = text::task_names();
  const bool is_known = std::find(names.begin(), names.end(), name) != names.end();
  return is_known ? &text::find_task(name) : nullptr;
}

}  // namespace prumux::cli
