#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <span>

#include "core/text/vocabulary.h"

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
  std::size_t token_count() const { return token_count_; }
  std::size_t length(std::size_t row) const;
  std::span<const TokenId> ids(std::size_t row) const;
  std::size_t second_begin(std::size_t row) const;
  double value(std::size_t row) const;

  /// All tokens of all rows in order.
  std::span<const TokenId> tokens() const { return {tokens_, token_count_}; }

 private:
  struct Row;

  TokenStore() = default;

  void* mapping_ = nullptr;
  std::size_t mapped_bytes_ = 0;
  const TokenId* tokens_ = nullptr;
  const Row* rows_ = nullptr;
  std::size_t row_count_ = 0;
  std::size_t token_count_ = 0;
};

/// Writes a `TokenStore` row by row, in constant memory apart from 16 bytes a row.
class TokenStoreWriter {
 public:
  explicit TokenStoreWriter(const std::filesystem::path& file);
  ~TokenStoreWriter();

  void add(std::span<const TokenId> ids, std::size_t second_begin, double value);
  /// Completes the file. Throws `IoError` when the disk did not take all of it.
  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace prumux::text
