#include "prumux/performance_model.h"

namespace prumux {

PerformanceModel::~PerformanceModel() = default;

}  // namespace prumux
