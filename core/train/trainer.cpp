#include "core/train/trainer.h"

#include <c10/util/Exception.h>

#include <string>

#include "core/train/training.h"
#include "prumux/error.h"

namespace prumux::train {

TrainingResult train(const TrainingOptions& options, Objective& objective, BatchSource& source,
                     const Evaluator& evaluator) {
  try {
    return Training(options, objective, source, evaluator).run();
  } catch (const c10::Error& problem) {
    const std::string reason = problem.what_without_backtrace();
    if (reason.find("can't allocate memory") == std::string::npos) throw;
    throw DataError("stage '" + options.name +
                    "' needs more memory than there is: use smaller batches with more "
                    "accumulation steps, or shorter rows");
  }
}

}  // namespace prumux::train
