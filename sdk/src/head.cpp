#include "prumux/head.h"

namespace prumux {

Head::~Head() = default;

std::int64_t Head::read_positions() const { return 1; }

}  // namespace prumux
