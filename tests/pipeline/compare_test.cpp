#include "core/pipeline/stages/compare.h"

#include <nlohmann/json.hpp>

#include "core/pipeline/stages/catalogue.h"
#include "core/pipeline/stages/scatter_plot.h"
#include "prumux/error.h"
#include "tests/support/temporary_folder.h"
#include "tiny_pipeline.h"

namespace prumux::pipeline {
namespace {

using testing::HasSubstr;

CellSummary cell(std::int64_t instances, const std::string& method, nlohmann::json numbers) {
  CellSummary cell;
  cell.variables = {{"instances", std::to_string(instances)}, {"method", method}};
  cell.instances = instances;
  cell.stages = {{"measure", "measure", {}, false, std::move(numbers)}};
  return cell;
}

class CompareTest : public testing::Test {
 protected:
  nlohmann::json compare(const std::vector<CellSummary>& cells) {
    const Summary summary{"ablation", folder_.path(), cells, {}};
    const config::Value settings;
    const config::Value pipeline;
    const StageJob job{settings, pipeline,       "compare", "",      folder_.path(),
                       {},       folder_.path(), "",        summary, {}};
    return CompareStage().run(job);
  }
  std::string file(const std::string& name) const { return io::read_file(folder_.path() / name); }

  test::TemporaryFolder folder_;
};

TEST_F(CompareTest, WritesATableWithARowForEachCell) {
  const nlohmann::json result = compare(
      {cell(1, "none", {{"accuracy", 0.9}, {"throughput", 100.0}}),
       cell(2, "a, b",
            {{"accuracy", 0.85}, {"throughput", 250.0}, {"sparsity", 0.6}, {"parameters", 1234}}),
       cell(2, "c", {{"accuracy", 0.8}})});
  EXPECT_EQ(result.at("cells"), 3);
  EXPECT_EQ(file("comparison.csv"),
            "instances,method,removed,parameters,accuracy,examples/s,speed-up\n"
            "1,none,,,0.9000,100.0,1.00\n"
            "2,\"a, b\",0.600,1234,0.8500,250.0,2.50\n"
            "2,c,,,0.8000,,\n");
  EXPECT_THAT(file("comparison.md"),
              HasSubstr("| instances | method | removed | parameters | accuracy | examples/s | "
                        "speed-up |\n| --- | --- | --- | --- | --- | --- | --- |\n| 1 | none |"));
}

TEST_F(CompareTest, DrawsWhatHasBothNumbers) {
  compare({cell(1, "none", {{"accuracy", 0.9}, {"throughput", 100.0}}),
           cell(2, "a & b", {{"accuracy", 0.85}, {"throughput", 250.0}}),
           cell(2, "c", {{"accuracy", 0.8}})});
  const std::string svg = file("comparison.svg");
  EXPECT_THAT(svg, testing::StartsWith("<svg xmlns=\"http://www.w3.org/2000/svg\""));
  EXPECT_THAT(svg, testing::EndsWith("</svg>\n"));
  EXPECT_THAT(svg, HasSubstr(">none</text>"));
  EXPECT_THAT(svg, HasSubstr(">a &amp; b</text>"));
  EXPECT_THAT(svg, testing::Not(HasSubstr(">c</text>")));
  // Two points and two entries of the legend.
  std::size_t circles = 0;
  for (std::size_t at = 0; (at = svg.find("<circle", at)) != std::string::npos; ++at) ++circles;
  EXPECT_EQ(circles, 4U);
}

TEST_F(CompareTest, NeedsMeasurements) {
  try {
    compare({cell(1, "none", {{"accuracy", 0.9}})});
    FAIL() << "accepted";
  } catch (const DataError& problem) {
    EXPECT_THAT(problem.what(),
                HasSubstr("stage compare: no cell has both an accuracy and a throughput"));
  }
}

TEST(ScatterPlot, DrawsASinglePoint) {
  const std::string svg = scatter_plot("t", "x", "y", {{"s", {{100.0, 0.5, ""}}}});
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  EXPECT_EQ(svg.find("inf"), std::string::npos);
  EXPECT_THAT(svg, HasSubstr(">100</text>"));
}

TEST(ScatterPlot, MarksBothAxesWhateverTheirRange) {
  const std::string svg =
      scatter_plot("t", "x", "y", {{"s", {{600.0, -0.3, ""}, {700.0, 0.01, ""}}}});
  EXPECT_THAT(svg, HasSubstr(">0</text>"));
  EXPECT_EQ(svg.find("e-"), std::string::npos) << "no rounding error is a mark";
  EXPECT_THAT(svg, testing::ContainsRegex(">(59|58)[0-9.]*</text>")) << "no 1, 2 or 5 lies between";
}

TEST(CompareStage, KnowsTheVariablesOfTheGrid) {
  const auto table = make_stage_table();
  EXPECT_NE(table->find("compare"), nullptr);
}

}  // namespace
}  // namespace prumux::pipeline
