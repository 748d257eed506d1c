#pragma once

#include <boost/uuid/detail/sha1.hpp>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace prumux::text {

/// SHA-1 of a sequence of values, as the key of a cache. Values do not run into one another:
/// ("ab", "c") and ("a", "bc") differ.
class ContentHash {
 public:
  ContentHash& add(std::string_view value);
  ContentHash& add(std::uint64_t value);
  /// The content of a file, read in blocks. Throws `IoError`.
  ContentHash& add_file(const std::filesystem::path& file);

  /// 40 hexadecimal digits of everything added so far.
  std::string hex() const;

 private:
  boost::uuids::detail::sha1 sha1_;
};

}  // namespace prumux::text
