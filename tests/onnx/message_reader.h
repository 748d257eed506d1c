#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace prumux::onnx {

/// A protocol buffers message taken apart, independently of how it was written.
class MessageReader {
 public:
  struct Field {
    int number = 0;
    std::uint64_t integer = 0;  ///< Of varints and four-byte values.
    std::string_view bytes{};   ///< Of texts and messages.
  };

  /// Throws `std::runtime_error` when `bytes` are no message.
  explicit MessageReader(std::string_view bytes);

  const std::vector<Field>& fields() const { return fields_; }
  std::vector<std::string_view> all(int number) const;
  std::vector<std::int64_t> integers(int number) const;
  /// The first field with this number; empty or 0 when there is none.
  std::string_view bytes(int number) const;
  std::string text(int number) const { return std::string(bytes(number)); }
  std::int64_t integer(int number) const;

 private:
  std::vector<Field> fields_;
};

}  // namespace prumux::onnx
