#include "core/text/token_store.h"

#include <spdlog/fmt/fmt.h>

#include <array>
#include <boost/crc.hpp>
#include <boost/interprocess/file_mapping.hpp>
#include <boost/interprocess/mapped_region.hpp>
#include <cerrno>
#include <cstring>

#include "prumux/error.h"

namespace prumux::text {
namespace {

namespace ipc = boost::interprocess;

// The file: a header, the tokens of all rows as int32 (padded to 8 bytes), the table of rows; all
// in the machine's byte order, since a cache does not travel.
struct Header {
  std::array<char, 8> magic{'P', 'R', 'U', 'M', 'U', 'X', 'T', 'S'};
  std::uint32_t version = 1;
  std::uint32_t byte_order = 0x01020304;
  std::uint64_t row_count = 0;
  std::uint64_t token_count = 0;
  std::uint32_t checksum = 0;  // CRC-32 of all before it
  std::uint32_t reserved = 0;
};
static_assert(sizeof(Header) == 40);

std::uint32_t checksum_of(const Header& header) {
  boost::crc_32_type crc;
  crc.process_bytes(&header, offsetof(Header, checksum));
  return crc.checksum();
}

std::uint64_t padded(std::uint64_t token_count) { return token_count + token_count % 2; }

template <typename T>
void write_bytes(std::ostream& stream, const T* data, std::size_t count) {
  stream.write(reinterpret_cast<const char*>(data),
               static_cast<std::streamsize>(count * sizeof(T)));
}

}  // namespace

struct TokenStore::Row {
  std::uint64_t begin;
  std::uint32_t length;
  std::uint32_t second_begin;
  double value;
};

std::shared_ptr<const TokenStore> TokenStore::open(const std::filesystem::path& file) {
  const auto damaged = [&](const std::string& what) {
    return DataError(
        fmt::format("token cache '{}' {}; delete it, it will be made again", file.string(), what));
  };
  std::error_code code;
  const std::uint64_t size = std::filesystem::file_size(file, code);
  if (code) throw IoError(fmt::format("cannot read '{}': {}", file.string(), code.message()));
  if (size < sizeof(Header)) throw damaged("is too short");

  auto store = std::shared_ptr<TokenStore>(new TokenStore);
  store->file_ = file;
  try {
    const ipc::file_mapping mapping(file.c_str(), ipc::read_only);
    store->mapping_ = std::make_unique<ipc::mapped_region>(mapping, ipc::read_only);
  } catch (const ipc::interprocess_exception& problem) {
    throw IoError(fmt::format("cannot map '{}': {}", file.string(), problem.what()));
  }
  const auto* bytes = static_cast<const char*>(store->mapping_->get_address());
  Header header;
  std::memcpy(&header, bytes, sizeof(header));
  const Header expected;
  if (header.magic != expected.magic) throw damaged("is not a token cache");
  if (header.version != expected.version || header.byte_order != expected.byte_order)
    throw damaged("is of another version of prumux or of another machine");
  if (header.checksum != checksum_of(header)) throw damaged("has a damaged header");
  const std::uint64_t rows_at = sizeof(Header) + padded(header.token_count) * sizeof(TokenId);
  if (size != rows_at + header.row_count * sizeof(Row)) throw damaged("is cut off or too long");

  store->tokens_ = {reinterpret_cast<const TokenId*>(bytes + sizeof(Header)), header.token_count};
  store->rows_ = reinterpret_cast<const Row*>(bytes + rows_at);
  store->row_count_ = header.row_count;
  return store;
}

TokenStore::~TokenStore() = default;

const TokenStore::Row& TokenStore::row(std::size_t index) const {
  if (index >= row_count_) {
    throw DataError(
        fmt::format("no row {} among the {} of '{}'", index, row_count_, file_.string()));
  }
  const Row& row = rows_[index];
  if (row.begin > tokens_.size() || row.length > tokens_.size() - row.begin) {
    throw DataError(fmt::format("row {} of token cache '{}' is damaged; delete the file", index,
                                file_.string()));
  }
  return row;
}

std::size_t TokenStore::length(std::size_t index) const { return row(index).length; }

std::span<const TokenId> TokenStore::ids(std::size_t index) const {
  const Row& entry = row(index);
  return tokens_.subspan(entry.begin, entry.length);
}

std::size_t TokenStore::second_begin(std::size_t index) const { return row(index).second_begin; }

double TokenStore::value(std::size_t index) const { return row(index).value; }

TokenStoreWriter::TokenStoreWriter(const std::filesystem::path& file)
    : file_(file), rows_file_(file.string() + ".rows") {
  errno = 0;
  tokens_.open(file_, std::ios::binary | std::ios::trunc);
  check(tokens_);
  rows_.open(rows_file_, std::ios::binary | std::ios::trunc | std::ios::in | std::ios::out);
  check(rows_);
  const Header empty;
  write_bytes(tokens_, &empty, 1);
}

TokenStoreWriter::~TokenStoreWriter() {
  std::error_code ignored;
  std::filesystem::remove(rows_file_, ignored);
}

void TokenStoreWriter::check(const std::ios& stream) const {
  if (stream) return;
  throw IoError(fmt::format("cannot write '{}': {}", file_.string(),
                            errno != 0 ? std::strerror(errno) : "the stream failed"));
}

void TokenStoreWriter::add(std::span<const TokenId> ids, std::size_t second_begin, double value) {
  const TokenStore::Row row{token_count_, static_cast<std::uint32_t>(ids.size()),
                            static_cast<std::uint32_t>(second_begin), value};
  write_bytes(tokens_, ids.data(), ids.size());
  write_bytes(rows_, &row, 1);
  token_count_ += ids.size();
  ++row_count_;
}

void TokenStoreWriter::finish() {
  const TokenId padding = 0;
  write_bytes(tokens_, &padding, padded(token_count_) - token_count_);
  check(rows_);
  // An empty buffer would set the failure bit.
  if (row_count_ > 0) {
    rows_.seekg(0);
    tokens_ << rows_.rdbuf();
  }
  Header header;
  header.row_count = row_count_;
  header.token_count = token_count_;
  header.checksum = checksum_of(header);
  tokens_.seekp(0);
  write_bytes(tokens_, &header, 1);
  tokens_.close();
  check(tokens_);
}

}  // namespace prumux::text
