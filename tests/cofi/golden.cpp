#include "golden.h"

#include <torch/types.h>

#include <fstream>
#include <limits>

#include "core/model/safetensors.h"

namespace prumux::cofi {

std::filesystem::path golden_folder(const std::string& name) {
  return std::filesystem::path(PRUMUX_TEST_DATA) / "golden" / name;
}

TensorMap golden_tensors(const std::string& name) {
  return model::read_safetensors(golden_folder(name) / "golden.safetensors");
}

nlohmann::json golden_scalars(const std::string& name) {
  std::ifstream file(golden_folder(name) / "meta.json");
  return nlohmann::json::parse(file);
}

double difference(const at::Tensor& left, const at::Tensor& right) {
  if (left.numel() != right.numel()) return std::numeric_limits<double>::infinity();
  return (left.detach().flatten() - right.detach().flatten()).abs().max().item<double>();
}

void assign(const at::Tensor& tensor, const at::Tensor& value) {
  const at::NoGradGuard no_gradient;
  at::Tensor(tensor).copy_(value);
}

}  // namespace prumux::cofi
