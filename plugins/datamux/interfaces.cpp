#include "interfaces.h"

namespace prumux::datamux {

Muxing::~Muxing() = default;

std::optional<MixForm> Muxing::mix_form() const { return std::nullopt; }

Demultiplexing::~Demultiplexing() = default;

std::vector<std::string> Demultiplexing::aliases(const std::string& /*parameter*/) const {
  return {};
}

}  // namespace prumux::datamux
