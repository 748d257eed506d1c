#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace prumux::model {

inline std::uint32_t crc32(std::string_view text) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char character : text) {
    crc ^= static_cast<unsigned char>(character);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

/// Weights of the golden files that come without any: an integer hash of name and index, uniform in
/// [-0.5, 0.5).
inline at::Tensor hashed(const std::string& name, at::IntArrayRef shape) {
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

/// `hashed` scaled as the golden files say; `matrix_scale` for all that is no bias, norm or vector.
inline at::Tensor golden_weight(const std::string& name, at::IntArrayRef shape,
                                double embedding_scale, double matrix_scale) {
  const at::Tensor u = hashed(name, shape);
  if (name == "instance_embedding") return u / u.square().sum(1, true).sqrt();
  if (name.ends_with("demux_instance_embedding")) return u * 3;
  if (name.ends_with("bias")) return u * 0.1;
  if (name.find("LayerNorm") != std::string::npos || name.find("layer_norm") != std::string::npos) {
    return u * 0.2 + 1;
  }
  return u * (name.find("embeddings") != std::string::npos ? embedding_scale : matrix_scale);
}

}  // namespace prumux::model
