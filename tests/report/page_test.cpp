#include "core/report/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/report/facts.h"
#include "tests/report/run_fixture.h"

namespace prumux::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

/// The JSON that the page carries.
json embedded_facts(const std::string& page) {
  const std::string begin = "id=\"facts\">";
  const std::size_t start = page.find(begin) + begin.size();
  return json::parse(page.substr(start, page.find("</script>", start) - start));
}

TEST(Page, CarriesTheFactsAsJson) {
  const RunFixture run;
  const json facts = report::collect_facts(run.path());
  const std::string page = report::make_page(facts);
  EXPECT_EQ(embedded_facts(page), facts);
  EXPECT_THAT(page, HasSubstr("<title>quickstart: prumux report</title>"));
}

TEST(Page, LoadsNothing) {
  const RunFixture run;
  const std::string page = report::make_page(report::collect_facts(run.path()));
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  for (const char* reference : {"https://", "src=", "@import", "url(", "fetch(", "<link"}) {
    EXPECT_THAT(page, Not(HasSubstr(reference)));
  }
}

TEST(Page, LetsNoNameBecomeMarkup) {
  const std::string name = "</script><script>alert(1)</script> & <b> {{style}} \xff";
  const std::string page = report::make_page({{"name", name}});
  EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(page, HasSubstr("<title>&lt;/script>&lt;script>alert(1)&lt;/script> &amp; &lt;b>"));
  // What is not UTF-8 is replaced by U+FFFD.
  EXPECT_EQ(embedded_facts(page).at("name"),
            "</script><script>alert(1)</script> & <b> {{style}} \xef\xbf\xbd");
}

}  // namespace
}  // namespace prumux::test
