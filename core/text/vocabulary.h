#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace prumux::text {

using TokenId = std::int32_t;

/// The tokens of a WordPiece model; a token's id is its line number in vocab.txt, from 0.
class Vocabulary {
 public:
  /// Reads vocab.txt: one token a line. Throws `IoError` or `DataError` (empty, not UTF-8).
  static Vocabulary load(const std::filesystem::path& file);

  /// When a token occurs twice, the later id counts, as in the reference implementation.
  explicit Vocabulary(std::vector<std::string> tokens);

  Vocabulary(Vocabulary&&) = default;
  Vocabulary& operator=(Vocabulary&&) = default;
  Vocabulary(const Vocabulary&) = delete;
  Vocabulary& operator=(const Vocabulary&) = delete;

  std::size_t size() const { return tokens_.size(); }
  std::optional<TokenId> find(std::string_view token) const;

  /// Throws `DataError` when `id` is not in [0, size).
  const std::string& token(TokenId id) const;
  const std::vector<std::string>& tokens() const { return tokens_; }

 private:
  std::vector<std::string> tokens_;
  std::unordered_map<std::string_view, TokenId> ids_;  // views into tokens_
};

}  // namespace prumux::text
