#include "prumux/multiplexer.h"

namespace prumux {

Multiplexer::~Multiplexer() = default;

TokenRows Multiplexer::edit_tokens(const TokenRows& rows) const { return rows; }

std::vector<std::string> Multiplexer::aliases(const std::string& /*parameter*/) const { return {}; }

std::optional<InferenceForm> Multiplexer::inference_form() const { return std::nullopt; }

}  // namespace prumux
