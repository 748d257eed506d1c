#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>

#include "core/io/atomic_file.h"
#include "core/report/facts.h"
#include "core/report/page.h"
#include "tests/report/browser.h"
#include "tests/report/run_fixture.h"

namespace prumux::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// Runs in the page after it is drawn, and leaves an object in an element of the page. `document`
/// may be that of a frame.
constexpr const char* kProbe = R"(
function probe(document, window) {
  const texts = (selector) => [...document.querySelectorAll(selector)].map((one) => one.textContent);
  const style = (selector, name) =>
    window.getComputedStyle(document.querySelector(selector))[name];
  const marks = [...document.querySelectorAll("#pareto figure .mark")];
  return {
    errors: window.errors,
    sections: texts("main h2"),
    tiles: texts("#recommended .tile b"),
    reasons: texts(".reasons li"),
    budgets: texts(".choice")[0],
    command: texts("#recommendation code"),
    ticks: texts("#pareto .axes text[text-anchor]"),
    bound: texts("#pareto .note"),
    marks: marks.map((mark) => ({ ...mark.dataset, label: mark.getAttribute("aria-label"),
      hollow: mark.classList.contains("hollow"), tab: mark.tabIndex })),
    curves: document.querySelectorAll("#training path.curve").length,
    heat: [...document.querySelectorAll("#grid td")].map((cell) => cell.textContent),
    best: texts("#grid .best b"),
    scatter: [...document.querySelectorAll("#prediction .mark")].map((mark) => ({ ...mark.dataset })),
    keptHeads: document.querySelectorAll("#structure .model:first-child rect.kept title").length,
    pictures: [...document.querySelectorAll("main svg[role=img], main svg[role=group]")]
      .filter((one) => !one.getAttribute("aria-label")).length,
    notice: texts(".notice"),
    search: texts("#search p"),
    steps: texts("#search tbody tr"),
    background: style("body", "backgroundColor"),
    text: style("body", "color"),
    width: document.documentElement.scrollWidth,
};
}
)";

class ReportPage : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!browser_) {
      GTEST_SKIP() << "no headless browser: install chromium, or name one in PRUMUX_BROWSER";
    }
  }

  /// What the probe finds after `action`, a script, in the page about `run`.
  json look(const fs::path& run, const std::string& action = "",
            const std::vector<std::string>& options = {}) const {
    return look_at(report::collect_facts(run), action, options);
  }

  json look_at(const json& facts, const std::string& action = "",
               const std::vector<std::string>& options = {}) const {
    std::string page = report::make_page(facts);
    // Before the page's own scripts, so that nothing they do goes unseen.
    page.insert(
        page.find("<title>"),
        "<script>window.errors = []; window.onerror = (text) => errors.push(text);</script>");
    page += std::string("<script>") + kProbe + "setTimeout(() => {" + action +
            "; setTimeout(() => { const found = document.createElement('pre'); found.id = 'found'; "
            "found.textContent = JSON.stringify(probe(document, window)); "
            "document.body.append(found); }, 200); }, 300);</script>";
    return found_in(browser_->dump(folder_.write("page.html", page), options));
  }

  /// What it finds in the page about the whole run; looked up once.
  const json& look_at_whole_run() const {
    static const json found = look(run_.path());
    return found;
  }

  static json found_in(const std::string& dump) {
    const std::string begin = "<pre id=\"found\">";
    const std::size_t start = dump.rfind(begin);
    if (start == std::string::npos) return {{"errors", {"the browser shows nothing"}}};
    const std::size_t from = start + begin.size();
    std::string text = dump.substr(from, dump.find("</pre>", from) - from);
    for (const auto& [escape, character] :
         {std::pair{"&lt;", "<"}, std::pair{"&gt;", ">"}, std::pair{"&amp;", "&"}}) {
      text = std::regex_replace(text, std::regex(escape), character);
    }
    return json::parse(text);
  }

  TemporaryFolder folder_;
  RunFixture run_;
  std::optional<Browser> browser_ = Browser::find();
};

TEST_F(ReportPage, ShowsEverySectionWithoutAnError) {
  const json& found = look_at_whole_run();
  EXPECT_THAT(found.at("errors"), IsEmpty());
  EXPECT_EQ(found.at("sections"),
            json({"Recommendation", "Accuracy and throughput", "The grid", "Predicted and measured",
                  "What pruning left", "Training", "All that was measured", "Versions and machine",
                  "Stages", "Configuration"}));
  EXPECT_EQ(found.at("pictures"), 0) << "pictures without a text alternative";
}

TEST_F(ReportPage, RecommendsTheBestCellForTheChosenLoss) {
  // 7316.27/s against 2064.50/s.
  const json& found = look_at_whole_run();
  EXPECT_EQ(found.at("tiles"), json({"3.54\u00d7", "0.9967", "N = 1", "90 %"}));
  EXPECT_EQ(found.at("best"), json({"0.9967"}));
  EXPECT_THAT(found.at("reasons").at(0).get<std::string>(),
              HasSubstr("reach an accuracy of 0.9883, out of 12 that are known"));
  // sqrt(0.9967 x 0.0033 / 600) is 0.24 points.
  EXPECT_THAT(found.at("reasons").at(1).get<std::string>(),
              HasSubstr("on 600 held-out texts, which leaves a standard error of 0.2 points"));
}

TEST_F(ReportPage, TellsHowASearchWent) {
  run_.remove_stages("predict");
  run_.add_search("tune-1", "2026-11-24 16:00:00 UTC", 0.99);
  const json found = look(run_.path());
  EXPECT_THAT(found.at("errors"), IsEmpty());
  EXPECT_EQ(found.at("sections").at(1), "How it was found");
  EXPECT_THAT(found.at("search").at(0).get<std::string>(),
              HasSubstr("7 of 36 candidates were trained and measured, in 2 min"));
  EXPECT_EQ(found.at("steps").size(), 7u);
  // The only budget is that of the search.
  EXPECT_EQ(found.at("tiles").at(1), "0.9967");
  EXPECT_THAT(found.at("reasons").at(0).get<std::string>(),
              HasSubstr("reach an accuracy of 0.9900"));
}

TEST_F(ReportPage, TellsVariantsOfACellApart) {
  json facts = report::collect_facts(run_.path());
  json variant = facts.at("cells").at(2);
  variant["variables"]["compressor"] = "magnitude";
  variant["accuracy"] = 0.99;
  variant["throughput"] = 9000.0;
  variant["model"] = "stages/variant/model";
  facts["cells"].push_back(variant);
  // predict has taken the mean of the two, which is no model.
  json& mean = facts["prediction"]["budgets"][0]["recommendations"][0];
  mean["accuracy"] = 0.9933;
  mean["throughput"] = 8158.0;
  json found = look_at(facts);
  EXPECT_EQ(found.at("tiles"), json({"3.95\u00d7", "0.9933", "N = 1", "90 %"}));
  EXPECT_THAT(found.at("reasons").at(1).get<std::string>(), HasSubstr("means of 2 measured"));
  EXPECT_THAT(found.at("command"), IsEmpty());

  facts["prediction"] = nullptr;
  found = look_at(facts);
  EXPECT_EQ(found.at("tiles"), json({"4.36\u00d7", "0.9900", "N = 1", "90 %"}));
  EXPECT_THAT(found.at("command").at(0).get<std::string>(), HasSubstr("stages/variant/model"));
}

TEST_F(ReportPage, ComparesWithWhatCouldHaveBeenRecommended) {
  json facts = report::collect_facts(run_.path());
  facts["prediction"]["candidates"].push_back({{"instances", 1},
                                               {"sparsity", 0.95},
                                               {"accuracy", 0.995},
                                               {"throughput", 9000.0},
                                               {"extrapolated", true}});
  facts["task"] = "ner";
  const json found = look_at(facts);
  EXPECT_THAT(found.at("reasons").at(0).get<std::string>(), HasSubstr("out of 12 that are known"));
  EXPECT_THAT(found.at("reasons").dump(), Not(HasSubstr("Of those that are faster")));
  // The score of ner is no share of the texts.
  EXPECT_THAT(found.at("reasons").dump(), Not(HasSubstr("standard error")));
}

TEST_F(ReportPage, ShowsTheAccuracyThatASearchAskedForWithoutADenseModel) {
  json facts = report::collect_facts(run_.path());
  facts["prediction"] = nullptr;
  facts["search"] = {{"min_accuracy", 0.99},
                     {"cells", 8},
                     {"measured_cells", 6},
                     {"seconds", 1.0},
                     {"ended_because", "every cell is measured"}};
  json without_dense = facts;
  without_dense["cells"].erase(0);
  json found = look_at(without_dense);
  EXPECT_THAT(found.at("errors"), IsEmpty());
  EXPECT_EQ(found.at("budgets"), "Least accuracy0.9900");
  EXPECT_EQ(found.at("tiles").at(0), "7\u202f316/s");

  facts["cells"][0]["accuracy"] = 0.96;
  found = look_at(facts);
  EXPECT_EQ(found.at("budgets"), "Least accuracy0.9900");
  EXPECT_EQ(found.at("bound"), json({"least accuracy: 0.9900"}));
  facts["search"]["min_accuracy"] = 0.999;
  EXPECT_THAT(look_at(facts).at("notice").dump(), HasSubstr("reaches an accuracy of 0.9990"));
}

TEST_F(ReportPage, MarksAnAxisThatLiesBetweenRoundNumbers) {
  json facts = report::collect_facts(run_.path());
  facts["prediction"] = nullptr;
  facts["cells"] = json::array({facts.at("cells").at(2)});
  facts["cells"][0]["throughput"] = 1200.0;
  EXPECT_THAT(look_at(facts).at("ticks").dump(), HasSubstr("1\u202f200"));
}

TEST_F(ReportPage, HasAMarkForEveryCell) {
  const json& found = look_at_whole_run();
  const json& marks = found.at("marks");
  ASSERT_EQ(marks.size(), 12u);  // 7 measured ones, and the candidates that were not.
  int hollow = 0;
  for (const json& mark : marks) hollow += mark.at("hollow").get<bool>() ? 1 : 0;
  EXPECT_EQ(hollow, 5);
  // From the slowest to the fastest; the first one can be reached by the keyboard.
  EXPECT_EQ(marks.front().at("improvement"), "1");
  EXPECT_EQ(marks.front().at("tab"), 0);
  EXPECT_EQ(marks.at(1).at("tab"), -1);
  EXPECT_EQ(marks.back().at("accuracy"), "0.996667");
  EXPECT_NEAR(std::stod(marks.back().at("improvement").get<std::string>()),
              7316.265414 / 2064.504444, 1e-9);
  EXPECT_THAT(marks.back().at("label").get<std::string>(),
              HasSubstr("N = 1, sparsity 90 %, accuracy 0.9967 (0.2 points of accuracy lost)"));
}

TEST_F(ReportPage, MarksMeasuredAndPredictedCellsOfTheGrid) {
  const json& found = look_at_whole_run();
  // 2 numbers of instances by the sparsities 0, 50, 60, 70, 80 and 90 %.
  ASSERT_EQ(found.at("heat").size(), 12u);
  EXPECT_EQ(found.at("heat").at(0), "0.9983measured");
  EXPECT_EQ(found.at("heat").at(2), "\u2248\u202f0.9942interpolated");
  const json faster =
      look(run_.path(), "document.querySelectorAll('input[name=quantity]')[1].click()");
  EXPECT_EQ(faster.at("heat").at(5), "3.54\u00d7measured");
}

TEST_F(ReportPage, ComparesPredictionsWithMeasurements) {
  const json& scatter = look_at_whole_run().at("scatter");
  ASSERT_EQ(scatter.size(), 6u);  // The accuracies of three cells, then their throughputs.
  EXPECT_EQ(scatter.at(0).at("measured"), "0.878333");
  EXPECT_EQ(scatter.at(0).at("predicted"), "0.936667");
  // From its neighbours 4537.54 and 5738.34: their geometric mean.
  EXPECT_EQ(scatter.at(3).at("measured"), "3296.042528");
  EXPECT_NEAR(std::stod(scatter.at(3).at("predicted").get<std::string>()), 5102.74, 0.01);
}

TEST_F(ReportPage, DrawsTrainingsAndStructures) {
  const json& found = look_at_whole_run();
  // Losses: 1 warm-up, 2 language, 2 dense, 6 prune, 5 final. Scores: dense, prune, final.
  // Sparsities of prune and their targets.
  EXPECT_EQ(found.at("curves"), 16 + 13 + 2 * 6);
  EXPECT_EQ(found.at("keptHeads"), 13);
}

TEST_F(ReportPage, TellsAMarkByKeyboard) {
  const json found = look(run_.path(),
                          "const first = document.querySelector('#pareto figure .mark');"
                          "first.focus();"
                          "first.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight'}));"
                          "document.querySelector('.kicker').className = 'notice';"
                          "document.querySelector('.notice').textContent = "
                          "document.activeElement.getAttribute('aria-label') + '|' + "
                          "document.getElementById('tooltip').hidden");
  EXPECT_THAT(found.at("notice").at(0).get<std::string>(),
              ::testing::StartsWith("N = 2, sparsity 0 %, accuracy 0.9483"));
  EXPECT_THAT(found.at("notice").at(0).get<std::string>(), ::testing::EndsWith("|false"));
}

TEST_F(ReportPage, OfAnUnfinishedRunSaysWhatIsMissing) {
  run_.remove_stages("predict");
  const json measured = look(run_.path());
  EXPECT_THAT(measured.at("errors"), IsEmpty());
  EXPECT_EQ(measured.at("marks").size(), 7u);
  EXPECT_EQ(measured.at("tiles").at(0), "3.54\u00d7");  // Among the measured cells alone.

  run_.remove_stages("benchmark");
  const json trained = look(run_.path());
  EXPECT_THAT(trained.at("errors"), IsEmpty());
  EXPECT_THAT(trained.at("marks"), IsEmpty());

  const TemporaryFolder empty;
  empty.write("resolved.yaml", "name: new\nstages: []\n");
  const json nothing = look(empty.path());
  EXPECT_THAT(nothing.at("errors"), IsEmpty());
  EXPECT_THAT(nothing.at("notice").dump(), HasSubstr("Nothing has been computed in this run yet."));
}

TEST_F(ReportPage, IsDarkForWhoWantsItDark) {
  const json& light = look_at_whole_run();
  const json dark = look(run_.path(), "", {"--blink-settings=preferredColorScheme=0"});
  EXPECT_EQ(light.at("background"), "rgb(246, 247, 249)");
  EXPECT_EQ(light.at("text"), "rgb(27, 31, 39)");
  EXPECT_EQ(dark.at("background"), "rgb(17, 20, 26)");
  EXPECT_EQ(dark.at("text"), "rgb(233, 236, 242)");
}

TEST_F(ReportPage, FitsAPhone) {
  // Windows have a least width, frames have none.
  folder_.write("page.html", report::make_page(report::collect_facts(run_.path())));
  const fs::path outer = folder_.write(
      "outer.html",
      std::string("<iframe src='page.html' style='width:360px;height:740px;border:0'></iframe>"
                  "<script>") +
          kProbe +
          "setTimeout(() => { const frame = document.querySelector('iframe');"
          "const found = document.createElement('pre'); found.id = 'found';"
          "found.textContent = JSON.stringify(probe(frame.contentDocument, frame.contentWindow));"
          "document.body.append(found); }, 1500);</script>");
  const json found = found_in(browser_->dump(outer, {"--allow-file-access-from-files"}));
  EXPECT_EQ(found.value("width", 0), 360);
}

TEST_F(ReportPage, MakesAPicture) {
  const fs::path page =
      folder_.write("page.html", report::make_page(report::collect_facts(run_.path())));
  const fs::path picture = folder_.path() / "page.png";
  browser_->screenshot(page, picture, 1000, 2000);
  const std::string png = io::read_file(picture);
  ASSERT_GT(png.size(), 60'000u) << "an empty page makes a small picture";
  const auto number = [&](std::size_t at) {
    int value = 0;
    for (std::size_t i = at; i < at + 4; ++i)
      value = value << 8 | static_cast<unsigned char>(png[i]);
    return value;
  };
  EXPECT_EQ(number(16), 1000);  // Width and height in the header of the PNG.
  EXPECT_EQ(number(20), 2000);
}

}  // namespace
}  // namespace prumux::test
