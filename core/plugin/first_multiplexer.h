#pragma once

#include <memory>

#include "prumux/multiplexer.h"

namespace prumux::plugin {

/// A multiplexer of version 1 of the interface as one of today's: nothing that version 1 lacks is
/// ever called on it. Parameters, buffers and submodules are those of `first`.
std::shared_ptr<Multiplexer> adapt_first_multiplexer(std::shared_ptr<Multiplexer> first);

}  // namespace prumux::plugin
