#include "prumux/metric.h"

namespace prumux {

Metric::~Metric() = default;

}  // namespace prumux
