#include "core/text/content_hash.h"

#include <spdlog/fmt/fmt.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <vector>

#include "prumux/error.h"

namespace prumux::text {

ContentHash& ContentHash::add(std::string_view value) {
  add(static_cast<std::uint64_t>(value.size()));
  sha1_.process_bytes(value.data(), value.size());
  return *this;
}

ContentHash& ContentHash::add(std::uint64_t value) {
  std::array<unsigned char, 8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<unsigned char>(value >> (8 * i));
  sha1_.process_bytes(bytes.data(), bytes.size());
  return *this;
}

ContentHash& ContentHash::add_file(const std::filesystem::path& file) {
  std::error_code code;
  if (std::filesystem::is_directory(file, code))
    throw IoError(fmt::format("'{}' is a folder, expected a file", file.string()));
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  std::vector<char> block(std::size_t{1} << 20);
  std::uint64_t size = 0;
  while (stream) {
    stream.read(block.data(), static_cast<std::streamsize>(block.size()));
    const auto count = static_cast<std::size_t>(stream.gcount());
    sha1_.process_bytes(block.data(), count);
    size += count;
  }
  if (!stream.eof()) {
    throw IoError(fmt::format("cannot read '{}': {}", file.string(),
                              errno != 0 ? std::strerror(errno) : "the stream failed"));
  }
  return add(size);
}

std::string ContentHash::hex() const {
  auto copy = sha1_;
  boost::uuids::detail::sha1::digest_type digest;
  copy.get_digest(digest);
  std::string text;
  for (const auto part : digest) text += fmt::format("{:08x}", part);
  return text;
}

}  // namespace prumux::text
