#include "core/train/trainer.h"

#include <c10/util/Exception.h>
#include <malloc.h>

#include <string>

#include "core/train/training.h"
#include "prumux/error.h"

namespace prumux::train {
namespace {

/// Every step frees and allocates the same large tensors. By default they are unmapped and mapped
/// again, and the page faults cost up to a tenth of a step.
void keep_freed_memory() {
  constexpr int kBytes = 1 << 30;
  ::mallopt(M_MMAP_THRESHOLD, kBytes);
  ::mallopt(M_TRIM_THRESHOLD, kBytes);
}

}  // namespace

TrainingResult train(const TrainingOptions& options, Objective& objective, BatchSource& source,
                     const Evaluator& evaluator) {
  keep_freed_memory();
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
