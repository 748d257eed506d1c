#include "core/text/vocabulary.h"

#include <spdlog/fmt/fmt.h>

#include <utility>

#include "core/io/atomic_file.h"
#include "core/text/utf8.h"
#include "prumux/error.h"

namespace prumux::text {

Vocabulary Vocabulary::load(const std::filesystem::path& file) {
  const std::string content = io::read_file(file);
  std::vector<std::string> tokens;
  for (std::size_t begin = 0; begin < content.size();) {
    const std::size_t end = std::min(content.find('\n', begin), content.size());
    std::string token = content.substr(begin, end - begin);
    if (!token.empty() && token.back() == '\r') token.pop_back();
    require_utf8(token, fmt::format("{}:{}", file.string(), tokens.size() + 1));
    tokens.push_back(std::move(token));
    begin = end + 1;
  }
  if (tokens.empty()) throw DataError(fmt::format("{}: the vocabulary is empty", file.string()));
  return Vocabulary(std::move(tokens));
}

Vocabulary::Vocabulary(std::vector<std::string> tokens) : tokens_(std::move(tokens)) {
  ids_.reserve(tokens_.size());
  for (std::size_t i = 0; i < tokens_.size(); ++i)
    ids_.insert_or_assign(tokens_[i], static_cast<TokenId>(i));
}

std::optional<TokenId> Vocabulary::find(std::string_view token) const {
  const auto found = ids_.find(token);
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

const std::string& Vocabulary::token(TokenId id) const {
  if (id < 0 || static_cast<std::size_t>(id) >= tokens_.size()) {
    throw DataError(
        fmt::format("token id {} is not in the vocabulary of {} tokens", id, tokens_.size()));
  }
  return tokens_[static_cast<std::size_t>(id)];
}

}  // namespace prumux::text
