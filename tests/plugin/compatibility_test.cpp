#include "core/plugin/compatibility.h"

#include <cstring>

#include "fixtures.h"

namespace prumux::plugin {
namespace {

TEST(Compatibility, AcceptsAPluginBuiltLikeTheHost) {
  EXPECT_TRUE(check_compatibility(host_fingerprint()).empty());
}

TEST(Compatibility, AcceptsAnotherLanguageStandardAndBuildKind) {
  PrumuxFingerprintV1 plugin = host_fingerprint();
  plugin.cxx_standard = 202302;
  std::strcpy(plugin.build_kind, "debug");
  EXPECT_TRUE(check_compatibility(plugin).empty());
}

TEST(Compatibility, ReportsEveryFieldWithBothValuesAndARemedy) {
  PrumuxFingerprintV1 plugin = host_fingerprint();
  std::strcpy(plugin.torch_version, "2.10.0");
  plugin.debug_stl = 1;
  const std::vector<Mismatch> mismatches = check_compatibility(plugin);
  ASSERT_EQ(mismatches.size(), 2u);
  EXPECT_EQ(mismatches[0].field, "libtorch");
  EXPECT_EQ(mismatches[0].plugin_value, "2.10.0");
  EXPECT_EQ(mismatches[0].host_value, "2.11.0");
  EXPECT_EQ(mismatches[0].remedy, "build the plugin again with libtorch 2.11.0");
  EXPECT_EQ(describe(mismatches),
            "libtorch is 2.10.0 in the plugin and 2.11.0 in prumux (build the plugin again with "
            "libtorch 2.11.0); _GLIBCXX_DEBUG is on in the plugin and off in prumux (build the "
            "plugin again without -D_GLIBCXX_DEBUG)");
}

TEST(Compatibility, DoesNotInterpretTheFieldsOfAnotherMajorVersion) {
  PrumuxFingerprintV1 plugin = host_fingerprint();
  plugin.abi_major = 2;
  std::strcpy(plugin.torch_version, "2.10.0");
  EXPECT_EQ(check_compatibility(plugin).size(), 1u);
}

TEST(FieldText, StopsAtTheEndOfAnUnterminatedFieldAndShowsNothingUnprintable) {
  const char field[4] = {'a', '\n', '\x80', 'b'};
  EXPECT_EQ(field_text(field), "a??b");
}

}  // namespace
}  // namespace prumux::plugin
