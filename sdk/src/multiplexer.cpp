#include "prumux/multiplexer.h"

namespace prumux {

Multiplexer::~Multiplexer() = default;

TokenRows Multiplexer::edit_tokens(const TokenRows& rows) const { return rows; }

std::vector<std::string> Multiplexer::aliases(const std::string& /*parameter*/) const { return {}; }

}  // namespace prumux
