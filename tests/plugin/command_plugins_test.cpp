#include <nlohmann/json.hpp>

#include "fixtures.h"
#include "prumux/fingerprint.h"
#include "tests/support/program.h"

namespace prumux::plugin {
namespace {

using test::Outcome;
using testing::HasSubstr;

/// Runs the program itself, with plugins from the test's own folder only.
class PluginsCommand : public PluginFolderTest {
 protected:
  Outcome run(const std::string& arguments) { return test::run_line(arguments, folder()); }

  std::string path_option() const { return " --plugin-path " + folder().string(); }
};

TEST_F(PluginsCommand, ListsMethodsAndRejectedFilesAsJson) {
  const auto good = add("good");
  const auto notes = write("notes.so", "hello");
  const Outcome result = run("plugins list --json" + path_option());
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  const auto json = nlohmann::json::parse(result.output);
  const auto average = std::find_if(json["methods"].begin(), json["methods"].end(),
                                    [](const auto& method) { return method["name"] == "average"; });
  ASSERT_NE(average, json["methods"].end());
  EXPECT_EQ((*average)["kind"], "multiplexer");
  EXPECT_EQ((*average)["plugin"], "good");
  EXPECT_EQ((*average)["version"], "1.2.3");
  EXPECT_EQ((*average)["license"], "MIT");
  EXPECT_EQ((*average)["file"], good.string());
  EXPECT_EQ(json["rejected"][0]["file"], notes.string());
  EXPECT_EQ(json["rejected"][0]["reason"], "it is not a shared library (ELF file)");
  EXPECT_EQ(json["search_path"][0], folder().string());
}

TEST_F(PluginsCommand, ListsMethodsAndRejectedFilesAsText) {
  const auto good = add("good");
  const auto notes = write("notes.so", "hello");
  const Outcome result = run("plugins list" + path_option());
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output,
              testing::ContainsRegex("constant +performance model +good +1.2.3 +" + good.string()));
  EXPECT_THAT(result.output, HasSubstr("rejected: " + notes.string() +
                                       "\n  it is not a shared library (ELF file)\n"));
  EXPECT_THAT(result.errors, HasSubstr("plugin " + notes.string() +
                                       " is not used: it is not a shared library (ELF file)"));
}

TEST_F(PluginsCommand, InspectsAMethod) {
  const auto good = add("good");
  const Outcome result = run(path_option() + " plugins inspect average");
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, testing::StartsWith("average (multiplexer)\n"
                                                 "  summary       The mean of the inputs\n"
                                                 "  source        made for the tests\n"
                                                 "  plugin        good 1.2.3, licence MIT\n"
                                                 "  file          " +
                                                 good.string() +
                                                 "\n"
                                                 "  built with    SDK 0.1.0 (ABI 1.4), libtorch "
                                                 "2.11.0, " PRUMUX_COMPILER ", "));
  EXPECT_THAT(result.output, testing::EndsWith("  capabilities  needs a teacher\n"
                                               "  parameters\n"
                                               "    style: one of plain, weighted; default plain\n"
                                               "        how instances are averaged\n"
                                               "    bias: true or false; default false\n"
                                               "        whether a bias is added\n"));
}

TEST_F(PluginsCommand, InspectsAMethodBeforeARejectedFileOfItsName) {
  add("good");
  write("bare.so", "hello");
  EXPECT_THAT(run("plugins inspect bare" + path_option()).output,
              testing::StartsWith("bare (performance model)\n"));
  EXPECT_THAT(run("plugins inspect bare.so" + path_option()).output,
              testing::StartsWith("bare.so (rejected)\n"));
}

TEST_F(PluginsCommand, InspectsAWholePluginWithRequiredAndAbsentParameters) {
  add("good");
  const Outcome result = run("plugins inspect good" + path_option());
  EXPECT_THAT(result.output, HasSubstr("    value: a number from 0 to 1 (share); required\n"));
  EXPECT_THAT(result.output,
              HasSubstr("    rounds: an integer from 1 to 10 (rounds); default 3\n"));
  EXPECT_THAT(result.output, HasSubstr("bare (performance model)\n"));
  EXPECT_THAT(result.output, HasSubstr("  parameters    none\n"));
}

TEST_F(PluginsCommand, AnUnknownMethodIsWrongUsage) {
  add("good");
  const Outcome result = run("plugins inspect averge" + path_option());
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.output, "");
  EXPECT_THAT(result.errors,
              testing::StartsWith("error: unknown plugin or method 'averge' - did you "
                                  "mean 'average'?\n  available: "));
}

TEST_F(PluginsCommand, AMissingPluginFolderIsWrongUsage) {
  const Outcome result = run("plugins list --plugin-path /no/such/folder");
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.errors, HasSubstr("/no/such/folder"));
}

TEST_F(PluginsCommand, HelpShowsAnExample) {
  EXPECT_THAT(run("plugins list --help").output, HasSubstr("\n  prumux plugins list "));
  EXPECT_THAT(run("plugins inspect --help").output, HasSubstr("\n  prumux plugins inspect "));
}

}  // namespace
}  // namespace prumux::plugin
