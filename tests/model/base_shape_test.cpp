#include <array>
#include <cstdint>
#include <functional>
#include <numeric>
#include <string_view>

#include "support.h"

namespace prumux::model {
namespace {

std::uint32_t crc32(std::string_view text) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char character : text) {
    crc ^= static_cast<unsigned char>(character);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

/// The golden file's weights come from an integer hash of name and index: uniform in [-0.5, 0.5).
at::Tensor hashed(const std::string& name, at::IntArrayRef shape) {
  at::Tensor result = at::empty(shape, at::kDouble);
  auto* data = result.data_ptr<double>();
  const std::uint32_t start = crc32(name);
  for (std::int64_t index = 0; index < result.numel(); ++index) {
    std::uint32_t x = (static_cast<std::uint32_t>(index) + start) * 0x9E3779B1U;
    x ^= x >> 15U;
    x *= 0x85EBCA77U;
    x ^= x >> 13U;
    x *= 0xC2B2AE3DU;
    x ^= x >> 16U;
    data[index] = x / 4294967296.0 - 0.5;
  }
  return result;
}

at::Tensor weight_for(const std::string& name, at::IntArrayRef shape) {
  const at::Tensor u = hashed(name, shape);
  if (name == "instance_embedding") return u / u.square().sum(1, true).sqrt();
  if (name.ends_with("demux_instance_embedding")) return u * 3;
  if (name.ends_with("bias")) return u * 0.1;
  if (name.find("LayerNorm") != std::string::npos || name.find("layer_norm") != std::string::npos) {
    return u * 0.2 + 1;
  }
  return u * (name.find("embeddings") != std::string::npos ? 0.2 : 0.08);
}

/// Reference numbers at the size of BERT-base.
TEST(BaseShape, GivesTheReferencesNumbers) {
  ModelConfig config = golden_model("seq_gh_indexpos_n2")->config();
  config.encoder = EncoderConfig{};
  Model model(config);
  model.eval();
  TensorMap state;
  for (const auto& [name, tensor] : model.state()) {
    state[name] = weight_for(name, tensor.sizes()).to(at::kFloat);
  }
  EXPECT_TRUE(model.load_state(state).empty());
  const TensorMap expected = golden("base_gh_indexpos_n2");
  const at::NoGradGuard no_gradient;
  ForwardOptions options;
  options.hidden_states = true;
  const ForwardRecord record = model.forward(inputs_of(expected), options);
  EXPECT_LT(distance(record.logits, expected.at("logits")), kGoldenTolerance);
  for (const std::size_t layer : {0U, 1U, 6U, 12U}) {
    const std::string name = "hidden_states." + std::to_string(layer) + ".g0p0";
    EXPECT_LT(distance(record.hidden_states[layer][0][0], expected.at(name)), kGoldenTolerance)
        << name;
  }
}

}  // namespace
}  // namespace prumux::model
