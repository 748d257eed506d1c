#include "interfaces.h"

namespace prumux::datamux {

Muxing::~Muxing() = default;

Demultiplexing::~Demultiplexing() = default;

std::vector<std::string> Demultiplexing::aliases(const std::string& /*parameter*/) const {
  return {};
}

}  // namespace prumux::datamux
