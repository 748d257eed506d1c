#include "core/onnx/message.h"

#include <cstring>

namespace prumux::onnx {
namespace {

constexpr int kVarint = 0;
constexpr int kLengthDelimited = 2;
constexpr int kFourBytes = 5;

}  // namespace

void Message::varint(std::uint64_t value) {
  while (value >= 0x80) {
    bytes_.push_back(static_cast<char>((value & 0x7f) | 0x80));
    value >>= 7;
  }
  bytes_.push_back(static_cast<char>(value));
}

void Message::tag(int field, int wire_type) {
  varint((static_cast<std::uint64_t>(field) << 3) | static_cast<std::uint64_t>(wire_type));
}

void Message::integer(int field, std::int64_t value) {
  tag(field, kVarint);
  varint(static_cast<std::uint64_t>(value));
}

void Message::real(int field, float value) {
  tag(field, kFourBytes);
  char bytes[sizeof(value)];
  std::memcpy(bytes, &value, sizeof(value));  // x86-64 is little-endian, as the format.
  bytes_.append(bytes, sizeof(value));
}

void Message::text(int field, std::string_view value) {
  header(field, value.size());
  bytes_.append(value);
}

void Message::header(int field, std::uint64_t size) {
  tag(field, kLengthDelimited);
  varint(size);
}

}  // namespace prumux::onnx
