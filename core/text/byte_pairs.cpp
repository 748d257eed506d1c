#include "core/text/byte_pairs.h"

#include <spdlog/fmt/fmt.h>

#include <cstddef>
#include <limits>
#include <queue>
#include <tuple>

#include "core/text/byte_pair_splitter.h"
#include "prumux/error.h"

namespace prumux::text {
namespace {

std::uint64_t key_of(TokenId left, TokenId right) {
  return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32U) |
         static_cast<std::uint32_t>(right);
}

std::string utf8_of(std::uint32_t code) {
  constexpr std::uint32_t kLastOfOneByte = 0x7F;
  if (code <= kLastOfOneByte) return {static_cast<char>(code)};
  return {static_cast<char>(0xC0U | (code >> 6U)), static_cast<char>(0x80U | (code & 0x3FU))};
}

/// How vocabularies spell each byte: printable characters of Latin-1 as they are, the others in
/// order as the characters from U+0100 on.
std::array<std::string, 256> byte_spellings() {
  std::array<std::string, 256> spellings;
  std::uint32_t next = 0x100;
  for (std::uint32_t byte = 0; byte < spellings.size(); ++byte) {
    const bool is_printable = (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte != 0xAD);
    spellings[byte] = utf8_of(is_printable ? byte : next++);
  }
  return spellings;
}

/// A token of a word that is being merged, and its neighbours.
struct Symbol {
  TokenId id;
  std::size_t previous;
  std::size_t next;
  bool is_gone = false;
};

constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

/// A merge that was possible when it was found; the lowest rank comes first, then the leftmost.
struct Candidate {
  std::uint32_t rank;
  std::size_t position;
  TokenId left;
  TokenId right;
  TokenId result;

  bool operator<(const Candidate& other) const {
    return std::tie(rank, position) > std::tie(other.rank, other.position);
  }
};

}  // namespace

BytePairs::BytePairs(std::shared_ptr<const Vocabulary> vocabulary,
                     const std::vector<std::string>& merges, bool add_prefix_space)
    : vocabulary_(std::move(vocabulary)), add_prefix_space_(add_prefix_space) {
  const auto spellings = byte_spellings();
  for (std::size_t byte = 0; byte < spellings.size(); ++byte)
    bytes_[byte] = vocabulary_->find(spellings[byte]);
  for (std::size_t rank = 0; rank < merges.size(); ++rank) {
    const std::string& line = merges[rank];
    const std::size_t space = line.find(' ');
    const std::string left = line.substr(0, space);
    const std::string right = space == std::string::npos ? "" : line.substr(space + 1);
    const auto left_id = vocabulary_->find(left);
    const auto right_id = vocabulary_->find(right);
    const auto result = vocabulary_->find(left + right);
    if (!left_id || !right_id || !result) {
      throw DataError(
          fmt::format("merge {} is '{}', expected two tokens of the vocabulary that make a third",
                      rank + 1, line));
    }
    merges_.emplace(key_of(*left_id, *right_id), Merge{static_cast<std::uint32_t>(rank), *result});
  }
}

const BytePairs::Merge* BytePairs::find_merge(TokenId left, TokenId right) const {
  const auto found = merges_.find(key_of(left, right));
  return found == merges_.end() ? nullptr : &found->second;
}

void BytePairs::append(std::string_view text, std::vector<TokenId>& ids) const {
  if (add_prefix_space_) {
    append_with_space(text, ids);
  } else {
    append_text(text, ids);
  }
}

void BytePairs::append_word(std::string_view word, std::vector<TokenId>& ids) const {
  append_with_space(word, ids);
}

void BytePairs::append_with_space(std::string_view text, std::vector<TokenId>& ids) const {
  if (text.empty() || text.starts_with(' ')) {
    append_text(text, ids);
  } else {
    append_text(std::string(" ").append(text), ids);
  }
}

void BytePairs::append_text(std::string_view text, std::vector<TokenId>& ids) const {
  split_for_byte_pairs(text, [&](std::string_view part) { append_part(part, ids); });
}

void BytePairs::append_part(std::string_view part, std::vector<TokenId>& ids) const {
  std::vector<Symbol> symbols;
  for (const char character : part) {
    // A byte that the vocabulary lacks is left out, as Hugging Face does.
    const auto id = bytes_[static_cast<unsigned char>(character)];
    if (!id) continue;
    const std::size_t index = symbols.size();
    symbols.push_back({*id, index == 0 ? kNone : index - 1, index + 1});
  }
  if (symbols.empty()) return;
  symbols.back().next = kNone;

  std::priority_queue<Candidate> candidates;
  const auto consider = [&](std::size_t position) {
    if (position == kNone || symbols[position].next == kNone) return;
    const TokenId left = symbols[position].id;
    const TokenId right = symbols[symbols[position].next].id;
    if (const Merge* merge = find_merge(left, right))
      candidates.push({merge->rank, position, left, right, merge->result});
  };
  for (std::size_t position = 0; position < symbols.size(); ++position) consider(position);
  while (!candidates.empty()) {
    const Candidate best = candidates.top();
    candidates.pop();
    Symbol& symbol = symbols[best.position];
    const bool is_current = !symbol.is_gone && symbol.id == best.left && symbol.next != kNone &&
                            symbols[symbol.next].id == best.right;
    if (!is_current) continue;
    Symbol& merged = symbols[symbol.next];
    merged.is_gone = true;
    symbol.id = best.result;
    symbol.next = merged.next;
    if (symbol.next != kNone) symbols[symbol.next].previous = best.position;
    consider(symbol.previous);
    consider(best.position);
  }
  for (std::size_t position = 0; position != kNone; position = symbols[position].next)
    ids.push_back(symbols[position].id);
}

}  // namespace prumux::text
