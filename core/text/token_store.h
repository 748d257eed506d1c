#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <span>

#include "core/text/vocabulary.h"

namespace boost::interprocess {
class mapped_region;
}

namespace prumux::text {

/// Rows of token ids with one number each, in a memory-mapped file (format: token_store.cpp).
class TokenStore {
 public:
  /// Throws `IoError`, or `DataError` when the file is damaged or of another format version.
  static std::shared_ptr<const TokenStore> open(const std::filesystem::path& file);

  TokenStore(const TokenStore&) = delete;
  TokenStore& operator=(const TokenStore&) = delete;
  ~TokenStore();

  std::size_t row_count() const { return row_count_; }
  std::size_t token_count() const { return tokens_.size(); }

  // `row` is in [0, row_count); each throws `DataError` otherwise, or when the row is damaged.
  std::size_t length(std::size_t row) const;
  std::span<const TokenId> ids(std::size_t row) const;
  std::size_t second_begin(std::size_t row) const;
  double value(std::size_t row) const;

  /// All tokens of all rows in order.
  std::span<const TokenId> tokens() const { return tokens_; }

 private:
  struct Row;

  TokenStore() = default;
  const Row& row(std::size_t index) const;

  std::filesystem::path file_;
  std::unique_ptr<boost::interprocess::mapped_region> mapping_;
  std::span<const TokenId> tokens_;
  const Row* rows_ = nullptr;
  std::size_t row_count_ = 0;

  friend class TokenStoreWriter;
};

/// Writes a `TokenStore` row by row in constant memory. Rows pass through a second file beside
/// `file`, which is gone in the end.
class TokenStoreWriter {
 public:
  explicit TokenStoreWriter(const std::filesystem::path& file);
  TokenStoreWriter(const TokenStoreWriter&) = delete;
  TokenStoreWriter& operator=(const TokenStoreWriter&) = delete;
  ~TokenStoreWriter();

  /// Tokens from `second_begin` on belong to the second text.
  void add(std::span<const TokenId> ids, std::size_t second_begin, double value);
  /// A row of one text, without a number.
  void add(std::span<const TokenId> ids) { add(ids, ids.size(), 0.0); }
  /// Completes the file. Throws `IoError` when the disk did not take all of it.
  void finish();

 private:
  void check(const std::ios& stream) const;

  std::filesystem::path file_;
  std::filesystem::path rows_file_;
  std::ofstream tokens_;
  std::fstream rows_;
  std::uint64_t row_count_ = 0;
  std::uint64_t token_count_ = 0;
};

}  // namespace prumux::text
