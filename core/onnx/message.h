#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace prumux::onnx {

/// The bytes of one protocol buffers message, field by field. Field numbers are those of
/// onnx.proto.
class Message {
 public:
  void integer(int field, std::int64_t value);
  void real(int field, float value);
  /// Texts and bytes.
  void text(int field, std::string_view value);
  void message(int field, const Message& value) { text(field, value.bytes_); }
  /// Begins a field of `size` bytes, which the caller writes behind this message's.
  void header(int field, std::uint64_t size);

  const std::string& bytes() const { return bytes_; }

 private:
  void varint(std::uint64_t value);
  void tag(int field, int wire_type);

  std::string bytes_;
};

}  // namespace prumux::onnx
