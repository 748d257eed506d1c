#include "unit_tensors.h"

#include <utility>

namespace prumux::cofi {

NamedTensors UnitTensors::named(const std::string& prefix) const {
  NamedTensors result;
  const std::pair<const char*, const at::Tensor*> members[] = {{"head", &head},
                                                               {"intermediate", &intermediate},
                                                               {"hidden", &hidden},
                                                               {"mlp", &mlp},
                                                               {"head_layer", &head_layer}};
  for (const auto& [name, tensor] : members) {
    if (tensor->defined()) result.emplace_back(prefix + name, *tensor);
  }
  return result;
}

}  // namespace prumux::cofi
