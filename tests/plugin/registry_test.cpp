#include "core/plugin/registry.h"

#include <cstdint>

#include "fixtures.h"
#include "prumux/error.h"
#include "prumux/fingerprint.h"

namespace prumux::plugin {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<std::string> names(Registry& registry) {
  std::vector<std::string> result;
  for (const Method& method : registry.methods()) {
    result.emplace_back(method.descriptor->name);
  }
  return result;
}

class RegistryTest : public PluginFolderTest {
 protected:
  /// Why `file` is refused; the good plugin beside it must load all the same.
  std::string reason_for(const std::filesystem::path& file) {
    add("good");
    Registry registry({folder()});
    EXPECT_EQ(names(registry), (std::vector<std::string>{"average", "bare", "constant"}));
    if (registry.rejections().size() != 1) {
      ADD_FAILURE() << registry.rejections().size() << " files are refused";
      return "";
    }
    EXPECT_EQ(registry.rejections()[0].file, file);
    return registry.rejections()[0].reason;
  }
};

TEST_F(RegistryTest, LoadsMethodsByKindAndName) {
  const auto file = add("good");
  Registry registry({folder()});
  EXPECT_EQ(names(registry), (std::vector<std::string>{"average", "bare", "constant"}));
  const Method& method = registry.find(PRUMUX_MULTIPLEXER, "average");
  EXPECT_STREQ(method.plugin->name, "good");
  EXPECT_STREQ(method.plugin->version, "1.2.3");
  EXPECT_EQ(method.file, file);
  EXPECT_TRUE(registry.rejections().empty());
}

TEST_F(RegistryTest, LeavesLibrariesWithoutTheSectionAlone) {
  add("no_section");
  add("good");
  Registry registry({folder()});
  EXPECT_TRUE(registry.rejections().empty());
  EXPECT_EQ(names(registry).size(), 3u);
}

TEST_F(RegistryTest, RefusesWhatIsNoLibrary) {
  EXPECT_EQ(reason_for(write("notes.so", "hello")), "it is not a shared library (ELF file)");
}

TEST_F(RegistryTest, RefusesATruncatedLibrary) {
  const std::string bytes = read_bytes(fixture_file("good"));
  EXPECT_THAT(reason_for(write("half.so", bytes.substr(0, bytes.size() / 2))),
              HasSubstr("it is damaged: its section table should lie at bytes "));
}

TEST_F(RegistryTest, RefusesANewerMajorAbi) {
  const auto file = add("no_descriptor");
  patch(file, offsetof(PrumuxFingerprintV1, abi_major), std::uint32_t{99});
  EXPECT_EQ(reason_for(file),
            "plugin ABI is 99 in the plugin and 1 in prumux (update prumux, or build the plugin "
            "again with the SDK of this prumux)");
}

TEST_F(RegistryTest, RefusesAnOlderMajorAbi) {
  const auto file = add("no_descriptor");
  patch(file, offsetof(PrumuxFingerprintV1, abi_major), std::uint32_t{0});
  EXPECT_EQ(reason_for(file),
            "plugin ABI is 0 in the plugin and 1 in prumux (port the plugin to the SDK of this "
            "prumux and build it again)");
}

TEST_F(RegistryTest, RefusesANewerMinorAbi) {
  const auto file = add("no_descriptor");
  patch(file, offsetof(PrumuxFingerprintV1, abi_minor), std::uint32_t{7});
  EXPECT_EQ(reason_for(file),
            "plugin ABI is 1.7 in the plugin and 1.4 in prumux (update prumux, or build the plugin "
            "again with the SDK of this prumux)");
}

TEST_F(RegistryTest, RefusesAShortFingerprint) {
  const auto file = add("no_descriptor");
  patch(file, offsetof(PrumuxFingerprintV1, struct_size), std::uint32_t{32});
  EXPECT_EQ(reason_for(file),
            "size of the fingerprint is 32 bytes in the plugin and 128 bytes in prumux (build the "
            "plugin again with the SDK of this prumux)");
}

TEST_F(RegistryTest, RefusesAnotherLibtorch) {
  const auto file = add("no_descriptor");
  patch_bytes(file, offsetof(PrumuxFingerprintV1, torch_version), std::string("2.10.0\0", 7));
  EXPECT_EQ(reason_for(file),
            "libtorch is 2.10.0 in the plugin and 2.11.0 in prumux (build the plugin again with "
            "libtorch 2.11.0)");
}

TEST_F(RegistryTest, RefusesAnotherCompiler) {
  const auto file = add("no_descriptor");
  patch_bytes(file, offsetof(PrumuxFingerprintV1, compiler), std::string("icc 9\0\0\0", 8));
  EXPECT_EQ(reason_for(file), "compiler is icc 9 in the plugin and " PRUMUX_COMPILER
                              " in prumux (build the plugin again with " PRUMUX_COMPILER ")");
}

TEST_F(RegistryTest, RefusesTheOldStringAbi) {
  const auto file = add("no_descriptor");
  patch(file, offsetof(PrumuxFingerprintV1, cxx11_abi), std::uint32_t{0});
  EXPECT_EQ(reason_for(file),
            "_GLIBCXX_USE_CXX11_ABI is 0 in the plugin and 1 in prumux (build the plugin again "
            "with -D_GLIBCXX_USE_CXX11_ABI=1)");
}

TEST_F(RegistryTest, RefusesTheDebuggingStandardLibrary) {
  const auto file = add("no_descriptor");
  patch(file, offsetof(PrumuxFingerprintV1, debug_stl), std::uint32_t{1});
  EXPECT_EQ(reason_for(file),
            "_GLIBCXX_DEBUG is on in the plugin and off in prumux (build the plugin again without "
            "-D_GLIBCXX_DEBUG)");
}

TEST_F(RegistryTest, RefusesAnUnresolvedSymbolBeforeAnythingRuns) {
  EXPECT_EQ(reason_for(add("unresolved_symbol")),
            "the dynamic linker refuses it: undefined symbol: "
            "prumux_test_function_that_nobody_defines");
}

TEST_F(RegistryTest, RefusesAPluginWithoutDescriptor) {
  EXPECT_EQ(reason_for(add("no_descriptor")),
            "it does not export prumux_plugin_v1; export it with PRUMUX_PLUGIN");
}

TEST_F(RegistryTest, RefusesAShortMethod) {
  EXPECT_EQ(reason_for(add("short_method")),
            "plugin 'short_method': a method: its PrumuxMethodV1 has 16 bytes, expected 80; its "
            "author has to correct it");
}

TEST_F(RegistryTest, RefusesNullTexts) {
  EXPECT_EQ(reason_for(add("null_text")),
            "plugin 'null_text': method 'silent': its summary is a null pointer; its author has to "
            "correct it");
}

TEST_F(RegistryTest, RefusesADefaultOutsideOfItsOwnRange) {
  EXPECT_EQ(reason_for(add("bad_default")),
            "plugin 'bad_default': method 'wishful': parameter 'rate': default: rate '1.5' - "
            "expected a number from 0 to 1; its author has to correct it");
}

TEST_F(RegistryTest, RefusesANewerVersionOfAnInterface) {
  EXPECT_EQ(reason_for(add("newer_interface")),
            "plugin 'newer_interface': method 'newer': it implements version 2 of the performance "
            "model interface, expected 1 to 1; its author has to correct it");
}

TEST_F(RegistryTest, RefusesAKindThatItDoesNotKnow) {
  EXPECT_EQ(reason_for(add("unknown_kind")),
            "plugin 'unknown_kind': method 'strange': its kind is 99, expected 1 to 7; its author "
            "has to correct it");
}

TEST_F(RegistryTest, RefusesAStageWhoseParameterIsASettingOfEveryStage) {
  EXPECT_EQ(reason_for(add("stage_setting")),
            "plugin 'stage_setting': method 'clashing': its parameter 'from' has the name of a "
            "setting that every stage has; its author has to correct it");
}

TEST_F(RegistryTest, RefusesASecondMethodOfTheSameNameAndNamesBothFiles) {
  const auto second = add("duplicate_method", "later");
  EXPECT_EQ(reason_for(second),
            "its performance model 'constant' is also in " + (folder() / "good.so").string() +
                " (plugin good 1.2.3), which comes first on the search path; remove one of the "
                "files or rename the method");
}

TEST_F(RegistryTest, TheFolderSearchedFirstWins) {
  const auto first = folder() / "first";
  const auto second = folder() / "second";
  std::filesystem::create_directories(first);
  std::filesystem::create_directories(second);
  std::filesystem::rename(add("duplicate_method"), first / "z.so");
  std::filesystem::rename(add("good"), second / "a.so");
  Registry registry({second});
  registry.set_extra_search_path({first});
  EXPECT_EQ(registry.find(PRUMUX_PERFORMANCE_MODEL, "constant").file, first / "z.so");
}

TEST_F(RegistryTest, TheSearchPathIsFixedAfterTheFirstLookUp) {
  Registry registry({folder()});
  registry.methods();
  EXPECT_THROW(registry.set_extra_search_path({folder()}), std::logic_error);
}

TEST_F(RegistryTest, AnUnknownNameIsAnsweredWithAllThatHelps) {
  add("good");
  write("notes.so", "hello");
  const auto missing = folder() / "missing";
  Registry registry({missing, folder()});
  EXPECT_EQ(error_of<ConfigError>([&] { registry.find(PRUMUX_PERFORMANCE_MODEL, "constent"); }),
            "unknown performance model 'constent' - did you mean 'constant'?\n"
            "  available: bare, constant\n"
            "  searched: " +
                missing.string() + " (no such folder)\n  searched: " + folder().string() +
                "\n  rejected: " + (folder() / "notes.so").string() +
                ": it is not a shared library (ELF file)\n"
                "  add a folder with --plugin-path DIR or PRUMUX_PLUGIN_PATH");
}

TEST_F(RegistryTest, AMethodOfAnotherKindIsNamedAsSuch) {
  add("good");
  Registry registry({folder()});
  EXPECT_THAT(error_of<ConfigError>([&] { registry.find(PRUMUX_COMPRESSOR, "average"); }),
              testing::StartsWith("unknown compressor 'average' ('average' is a multiplexer)\n"
                                  "  available: none\n"));
}

TEST_F(RegistryTest, RemovingAFileRemovesExactlyItsMethods) {
  add("throws");
  std::filesystem::remove(add("good"));
  Registry registry({folder()});
  EXPECT_EQ(names(registry).size(), 4u);
  EXPECT_THROW(registry.find(PRUMUX_MULTIPLEXER, "average"), ConfigError);
}

TEST_F(RegistryTest, FindsAllOfAPluginByItsName) {
  add("good");
  Registry registry({folder()});
  EXPECT_EQ(registry.find_all("good").size(), 3u);
  EXPECT_EQ(registry.find_all("bare").size(), 1u);
  EXPECT_THAT(error_of<ConfigError>([&] { registry.find_all("goood"); }),
              testing::StartsWith("unknown plugin or method 'goood'"));
}

}  // namespace
}  // namespace prumux::plugin
