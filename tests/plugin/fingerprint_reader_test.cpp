#include "core/plugin/fingerprint_reader.h"

#include <cstdint>
#include <cstring>
#include <random>

#include "core/plugin/compatibility.h"
#include "fixtures.h"
#include "prumux/error.h"

namespace prumux::plugin {
namespace {

using FingerprintReader = PluginFolderTest;

std::string reason(const std::filesystem::path& file) {
  return error_of<PluginError>([&] { read_fingerprint(file); });
}

TEST_F(FingerprintReader, ReadsWhatTheCompilerWrote) {
  const auto fingerprint = read_fingerprint(add("good"));
  ASSERT_TRUE(fingerprint);
  EXPECT_EQ(std::memcmp(&*fingerprint, &host_fingerprint(), sizeof(PrumuxFingerprintV1)), 0);
}

TEST_F(FingerprintReader, FindsNothingInAnOrdinaryLibrary) {
  EXPECT_EQ(read_fingerprint(add("no_section")).has_value(), false);
}

TEST_F(FingerprintReader, RefusesTextAndEmptyFiles) {
  EXPECT_EQ(reason(write("text.so", "INPUT(libm.so.6)\n")),
            "it is not a shared library (ELF file)");
  EXPECT_EQ(reason(write("empty.so", "")), "it is not a shared library (ELF file)");
}

TEST_F(FingerprintReader, RefusesFoldersAndMissingFiles) {
  EXPECT_EQ(reason(folder() / "missing.so"),
            "it cannot be read; check that it is a file and its permissions");
  std::filesystem::create_directory(folder() / "folder.so");
  EXPECT_EQ(reason(folder() / "folder.so"),
            "it cannot be read; check that it is a file and its permissions");
}

TEST_F(FingerprintReader, RefusesProgramsAndOtherMachines) {
  std::string bytes = read_bytes(add("good"));
  bytes[16] = 1;  // e_type: a relocatable object.
  EXPECT_EQ(reason(write("object.so", bytes)),
            "it is not a shared library (ELF type 1, expected 3)");
  bytes[4] = 1;  // EI_CLASS: 32 bits.
  EXPECT_THAT(reason(write("narrow.so", bytes)),
              testing::StartsWith("it is built for another machine (ELF class 1, machine"));
}

TEST_F(FingerprintReader, NamesWhatATruncatedFileLacks) {
  const std::string bytes = read_bytes(add("good"));
  std::uint64_t table = 0;
  std::uint16_t sections = 0;
  std::memcpy(&table, &bytes[40], sizeof(table));  // e_shoff
  std::memcpy(&sections, &bytes[60], sizeof(sections));
  const std::size_t half = bytes.size() / 2;
  EXPECT_EQ(reason(write("half.so", bytes.substr(0, half))),
            "it is damaged: its section table should lie at bytes " + std::to_string(table) +
                " to " + std::to_string(table + sections * 64) + ", and the file has " +
                std::to_string(half) + "; build or copy it again");
  EXPECT_EQ(reason(write("header.so", bytes.substr(0, 20))),
            "it is damaged: its ELF header should lie at bytes 0 to 64, and the file has 20; build "
            "or copy it again");
}

TEST_F(FingerprintReader, RefusesAnotherMagicNumber) {
  const auto file = add("no_descriptor");
  patch_bytes(file, 0, "PRUMUX2");
  EXPECT_EQ(reason(file),
            "its fingerprint begins with 'PRUMUX2', expected 'PRUMUX1'; export it with "
            "PRUMUX_PLUGIN");
}

TEST_F(FingerprintReader, LeavesTheFieldsThatAnOlderFingerprintLacksEmpty) {
  const auto file = add("no_descriptor");
  patch(file, offsetof(PrumuxFingerprintV1, struct_size), std::uint32_t{32});
  const auto fingerprint = read_fingerprint(file);
  ASSERT_TRUE(fingerprint);
  EXPECT_EQ(fingerprint->abi_major, 1u);
  EXPECT_STREQ(fingerprint->torch_version, "");
}

TEST_F(FingerprintReader, SurvivesEveryTruncationAndDamage) {
  const std::string bytes = read_bytes(add("no_descriptor"));
  const auto survives = [&](const std::string& damaged) {
    const auto file = write("damaged.so", damaged);
    try {
      read_fingerprint(file);
    } catch (const PluginError&) {
    }
  };
  for (std::size_t length = 0; length < bytes.size(); length += 7) {
    survives(bytes.substr(0, length));
  }
  std::mt19937 random(7);
  std::uint64_t table = 0;
  std::memcpy(&table, &bytes[40], sizeof(table));
  for (int round = 0; round < 2000; ++round) {
    std::string damaged = bytes;
    for (int change = 0; change < 3; ++change) {
      const std::size_t position =
          random() % 2 == 0 ? random() % 64 : table + random() % (bytes.size() - table);
      damaged[position] = static_cast<char>(random() % 256);
    }
    survives(damaged);
  }
}

}  // namespace
}  // namespace prumux::plugin
