#include "core/text/token_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>

#include "core/text/token_cache.h"
#include "prumux/error.h"
#include "tests/text/support.h"

namespace prumux::text {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

void fill(TokenStoreWriter& writer) {
  writer.add(std::vector<TokenId>{2, 5, 3, 6, 3}, 3, 1.0);
  writer.add(std::vector<TokenId>{}, 0, -0.5);
  writer.add(std::vector<TokenId>{2, 3}, 2, 2.0);
}

std::filesystem::path write_store(const TemporaryFolder& folder) {
  const auto file = folder.path() / "store.tokens";
  TokenStoreWriter writer(file);
  fill(writer);
  writer.finish();
  return file;
}

TEST(TokenStore, ReturnsTheRowsThatWereWritten) {
  const TemporaryFolder folder;
  const auto store = TokenStore::open(write_store(folder));
  ASSERT_EQ(store->row_count(), 3U);
  EXPECT_EQ(store->token_count(), 7U);
  EXPECT_THAT(store->ids(0), ElementsAre(2, 5, 3, 6, 3));
  EXPECT_EQ(store->second_begin(0), 3U);
  EXPECT_EQ(store->length(1), 0U);
  EXPECT_EQ(store->value(1), -0.5);
  EXPECT_THAT(store->ids(2), ElementsAre(2, 3));
  EXPECT_THAT(store->tokens(), ElementsAre(2, 5, 3, 6, 3, 2, 3));
  EXPECT_THROW(store->ids(3), DataError);
}

TEST(TokenStore, MayBeEmpty) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "store.tokens";
  {
    TokenStoreWriter writer(file);
    writer.finish();
  }
  EXPECT_EQ(TokenStore::open(file)->row_count(), 0U);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(TokenStore, DetectsDamage) {
  const TemporaryFolder folder;
  const auto damage = [&](std::size_t offset, char byte) {
    const auto file = write_store(folder);
    std::fstream stream(file, std::ios::binary | std::ios::in | std::ios::out);
    stream.seekp(static_cast<std::streamoff>(offset));
    stream.put(byte);
    stream.close();
    return error_of<DataError>([&] { TokenStore::open(file)->ids(0); });
  };
  EXPECT_THAT(damage(0, 'X'), HasSubstr("is not a token cache"));
  EXPECT_THAT(damage(8, 99), HasSubstr("is of another version"));
  EXPECT_THAT(damage(16, 2), HasSubstr("has a damaged header"));
  EXPECT_THAT(damage(40 + 8 * 4 + 8, 99), HasSubstr("row 0"));  // length of the first row

  const auto file = write_store(folder);
  std::filesystem::resize_file(file, std::filesystem::file_size(file) - 1);
  EXPECT_THAT(error_of<DataError>([&] { TokenStore::open(file); }), HasSubstr("is cut off"));
  std::filesystem::resize_file(file, 3);
  EXPECT_THAT(error_of<DataError>([&] { TokenStore::open(file); }), HasSubstr("is too short"));
}

TEST(TokenCache, IsBuiltOnceAndAgainWhenDamaged) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "deep" / "cache.tokens";
  int builds = 0;
  const auto open = [&] {
    return open_or_build_cache(file, [&](TokenStoreWriter& writer) {
      ++builds;
      fill(writer);
    });
  };
  open();
  open();
  EXPECT_EQ(builds, 1);
  std::ofstream(file) << "damaged";
  EXPECT_EQ(open()->row_count(), 3U);
  EXPECT_EQ(builds, 2);
}

TEST(TokenCache, IsDoneWithoutWhereItCannotBeWritten) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "taken") << "a file where the cache's folder should be";
  const auto store = open_or_build_cache(folder.path() / "taken" / "cache.tokens", fill);
  EXPECT_EQ(store->row_count(), 3U);
  EXPECT_FALSE(store->ids(0).empty());
}

TEST(TokenCache, IsMadeAgainWhereItCannotBeRead) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "cache.tokens";
  std::filesystem::create_directory(file);
  EXPECT_EQ(open_or_build_cache(file, fill)->row_count(), 3U);
}

TEST(TokenCache, IsDoneWithoutWhereItIsDamagedAtOnce) {
  const TemporaryFolder folder;
  const auto link = folder.path() / "cache.tokens";
  const auto damaged = folder.write("damaged", "damaged");
  std::filesystem::create_symlink(folder.write("place", "damaged"), link);
  const auto store = open_or_build_cache(link, [&](TokenStoreWriter& writer) {
    fill(writer);
    std::filesystem::remove(link);
    std::filesystem::create_symlink(damaged, link);
  });
  EXPECT_EQ(store->row_count(), 3U);
}

TEST(TokenCache, RemovesWhatKilledProcessesLeftADayAgo) {
  const TemporaryFolder folder;
  const auto yesterday = std::filesystem::file_time_type::clock::now() - std::chrono::hours(25);
  for (const char* name : {"a.tokens.tmp-1", "a.tokens.tmp-1.rows", "b.tokens.tmp-1"})
    std::filesystem::last_write_time(folder.write(name, "half"), yesterday);
  folder.write("a.tokens.tmp-2", "being written");
  open_or_build_cache(folder.path() / "a.tokens", fill);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "a.tokens.tmp-1"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "a.tokens.tmp-1.rows"));
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "a.tokens.tmp-2"));
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "b.tokens.tmp-1"));
}

TEST(TokenCache, LeavesNothingBehindWhenBuildingFails) {
  const TemporaryFolder folder;
  EXPECT_THROW(open_or_build_cache(folder.path() / "cache.tokens",
                                   [](TokenStoreWriter& writer) {
                                     fill(writer);
                                     throw DataError("bad line");
                                   }),
               DataError);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace prumux::text
