#pragma once

#include "core/model/model.h"
#include "core/text/task.h"

namespace prumux::cli {

/// The task that the model's config.json says it was finetuned for; null when it names none, or
/// one that is not known here.
const text::Task* finetuned_task(const model::Model& model);

}  // namespace prumux::cli
