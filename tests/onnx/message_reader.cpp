#include "tests/onnx/message_reader.h"

#include <stdexcept>

namespace prumux::onnx {
namespace {

std::uint64_t take_varint(std::string_view& rest) {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (rest.empty()) throw std::runtime_error("a varint is cut off");
    const auto byte = static_cast<unsigned char>(rest.front());
    rest.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
    if (byte < 0x80U) return value;
  }
  throw std::runtime_error("a varint is too long");
}

std::string_view take(std::string_view& rest, std::uint64_t size) {
  if (size > rest.size()) throw std::runtime_error("a field is cut off");
  const std::string_view bytes = rest.substr(0, size);
  rest.remove_prefix(size);
  return bytes;
}

}  // namespace

MessageReader::MessageReader(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::uint64_t tag = take_varint(bytes);
    Field field;
    field.number = static_cast<int>(tag >> 3U);
    switch (tag & 7U) {
      case 0:
        field.integer = take_varint(bytes);
        break;
      case 2:
        field.bytes = take(bytes, take_varint(bytes));
        break;
      case 5:
        for (int byte = 0; const char value : take(bytes, 4)) {
          field.integer |= static_cast<std::uint64_t>(static_cast<unsigned char>(value))
                           << (8 * byte++);
        }
        break;
      default:
        throw std::runtime_error("a field has an unknown wire type");
    }
    fields_.push_back(field);
  }
}

std::vector<std::string_view> MessageReader::all(int number) const {
  std::vector<std::string_view> result;
  for (const Field& field : fields_) {
    if (field.number == number) result.push_back(field.bytes);
  }
  return result;
}

std::vector<std::int64_t> MessageReader::integers(int number) const {
  std::vector<std::int64_t> result;
  for (const Field& field : fields_) {
    if (field.number == number) result.push_back(static_cast<std::int64_t>(field.integer));
  }
  return result;
}

std::string_view MessageReader::bytes(int number) const {
  const auto found = all(number);
  return found.empty() ? std::string_view() : found.front();
}

std::int64_t MessageReader::integer(int number) const {
  const auto found = integers(number);
  return found.empty() ? 0 : found.front();
}

}  // namespace prumux::onnx
