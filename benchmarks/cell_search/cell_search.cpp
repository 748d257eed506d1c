// How many cells of a finished grid each way of searching has to train for the fastest accurate
// enough one: `tune`, random order, and the 15 cells of the PruMUX paper (spec 11). A markdown
// table, one line for each accepted loss of accuracy.

#include <spdlog/fmt/fmt.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <iostream>
#include <numeric>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "core/pipeline/definition.h"
#include "core/pipeline/stages/catalogue.h"
#include "core/pipeline/stages/cell_search.h"
#include "core/prediction/recommendation.h"
#include "finished_grid.h"
#include "prumux/error.h"

namespace prumux::benchmarks {
namespace {

constexpr double kUsualMinGain = 0.02;
constexpr int kBudgets = 21;
constexpr double kBudgetStep = 0.005;
constexpr int kRandomOrders = 1000;
constexpr std::size_t kRecommended = 3;

/// What a search has computed when it ends.
struct Outcome {
  double cells = 0.0;
  double hours = 0.0;
  double share = 0.0;  ///< Of the best cell's throughput that its choice has.
};

class Searches {
 public:
  Searches(const FinishedGrid& grid, double max_loss)
      : grid_(grid), plain_(plain_cell(grid)), max_loss_(max_loss) {
    min_accuracy_ = *grid.cell(plain_).number("accuracy") - max_loss - prediction::kRoundingSlack;
    best_ = *grid.best_of(grid.all(), min_accuracy_);
  }

  std::size_t best() const { return best_; }

  Outcome tune() const {
    pipeline::SearchGoal goal;
    goal.max_loss = max_loss_;
    goal.min_gain = kUsualMinGain;
    const pipeline::CellSearch search(goal, prediction::plugin_models("gaussian_process"));
    Cells computed;
    while (const auto next = search.decide(grid_.after(computed)).next) computed.insert(*next);
    return outcome_of(computed);
  }

  /// The plain cell, then others in random order until one would end after `hours`: the mean.
  Outcome random(double hours) const {
    std::mt19937 generator(57);
    Outcome mean;
    for (int i = 0; i < kRandomOrders; ++i) {
      Cells computed;
      for (const std::size_t cell : random_order(generator)) {
        computed.insert(cell);
        if (grid_.hours(computed) <= hours) continue;
        computed.erase(cell);
        break;
      }
      const Outcome outcome = outcome_of(computed);
      mean.cells += outcome.cells / kRandomOrders;
      mean.hours += outcome.hours / kRandomOrders;
      mean.share += outcome.share / kRandomOrders;
    }
    return mean;
  }

  /// The mean number of cells in random order until the best one is among them.
  double random_cells_to_best() const {
    std::mt19937 generator(57);
    double mean = 0.0;
    for (int i = 0; i < kRandomOrders; ++i) {
      const std::vector<std::size_t> order = random_order(generator);
      const auto place = std::ranges::find(order, best_) - order.begin();
      mean += static_cast<double>(place + 1) / kRandomOrders;
    }
    return mean;
  }

  /// The plain cell and the paper's 15, then the three that the bilinear model recommends.
  Outcome paper_design() const {
    constexpr std::array<double, 5> kSparsities = {0.6, 0.7, 0.8, 0.9, 0.95};
    Cells computed = {plain_};
    for (std::size_t i = 0; i < grid_.size(); ++i) {
      const pipeline::CellSummary& cell = grid_.cell(i);
      if (cell.instances > 1 && std::ranges::count(kSparsities, cell.sparsity()) > 0) {
        computed.insert(i);
      }
    }
    for (const std::size_t cell : recommended(computed)) computed.insert(cell);
    return outcome_of(computed);
  }

 private:
  static std::size_t plain_cell(const FinishedGrid& grid) {
    for (std::size_t i = 0; i < grid.size(); ++i) {
      if (grid.cell(i).instances == 1 && grid.cell(i).sparsity() == 0.0) return i;
    }
    throw DataError("the grid has no cell of 1 instance and sparsity 0, to which losses relate");
  }

  std::vector<std::size_t> random_order(std::mt19937& generator) const {
    std::vector<std::size_t> order(grid_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::swap(order.front(), order[plain_]);
    std::shuffle(order.begin() + 1, order.end(), generator);
    return order;
  }

  std::vector<std::size_t> recommended(const Cells& computed) const {
    std::vector<prediction::Cell> candidates;
    for (std::size_t i = 0; i < grid_.size(); ++i) {
      candidates.push_back({grid_.cell(i).instances, grid_.cell(i).sparsity()});
    }
    const prediction::Grid measured = grid_.measured(computed);
    prediction::RecommendationOptions options;
    options.task = measured.tasks().front().name;
    options.max_loss = max_loss_;
    options.top = kRecommended;
    options.candidates = candidates;
    options.allow_extrapolation = true;
    const auto recommendations =
        prediction::recommend(measured, options, prediction::plugin_models("bilinear"));
    std::vector<std::size_t> cells;
    for (const prediction::Recommendation& recommendation : recommendations.best) {
      const auto found = std::ranges::find(candidates, recommendation.cell);
      cells.push_back(static_cast<std::size_t>(found - candidates.begin()));
    }
    return cells;
  }

  Outcome outcome_of(const Cells& computed) const {
    const auto chosen = grid_.best_of(computed, min_accuracy_);
    const double fastest = *grid_.cell(best_).number("throughput");
    return {static_cast<double>(computed.size()), grid_.hours(computed),
            chosen ? *grid_.cell(*chosen).number("throughput") / fastest : 0.0};
  }

  const FinishedGrid& grid_;
  std::size_t plain_;
  double max_loss_;
  double min_accuracy_ = 0.0;
  std::size_t best_ = 0;
};

std::string line_of(const FinishedGrid& grid, double max_loss) {
  const Searches searches(grid, max_loss);
  const Outcome tune = searches.tune();
  const Outcome random = searches.random(tune.hours);
  const Outcome paper = searches.paper_design();
  return fmt::format(
      "| {:.1f} | {} | {:.0f} | {:.1f} | {:.0f} % | {:.1f} | {:.0f} % | {:.1f} | {:.0f} | {:.1f} | "
      "{:.0f} % |",
      100.0 * max_loss, pipeline::describe_cell(grid.cell(searches.best()).variables), tune.cells,
      tune.hours, 100.0 * tune.share, random.cells, 100.0 * random.share,
      searches.random_cells_to_best(), paper.cells, paper.hours, 100.0 * paper.share);
}

double hours_with_nothing_shared(const FinishedGrid& grid) {
  double hours = 0.0;
  for (const std::size_t cell : grid.all()) hours += grid.hours({cell});
  return hours;
}

void compare(const std::filesystem::path& file, const std::vector<std::string>& overrides,
             const std::filesystem::path& out) {
  const auto table = pipeline::make_stage_table();
  const pipeline::Plan plan =
      pipeline::make_plan(pipeline::load_definition(file, overrides, *table), *table);
  const FinishedGrid grid(plan, pipeline::RunFolder(out));
  std::cout
      << fmt::format("The whole grid: {} cells, {:.1f} hours; each in a run of its own {:.1f}\n\n",
                     grid.size(), grid.hours(grid.all()), hours_with_nothing_shared(grid))
      << "| loss, points | best cell | tune: cells | hours | of the best | random, in as "
         "many hours: cells | of the best | cells to the best | paper's 15: cells | hours | of the "
         "best |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";
  for (int i = 0; i < kBudgets; ++i) std::cout << line_of(grid, i * kBudgetStep) << std::endl;
}

int run(int argc, char** argv) {
  CLI::App app("Compares ways of searching a finished grid");
  std::filesystem::path file;
  std::filesystem::path out;
  std::vector<std::string> overrides;
  app.add_option("pipeline", file, "Pipeline file of the grid")->required();
  app.add_option("--out", out, "Folder of its run")->required();
  app.add_option("--set", overrides, "As for prumux run")->allow_extra_args(false);
  CLI11_PARSE(app, argc, argv);
  compare(file, overrides, out);
  return 0;
}

}  // namespace
}  // namespace prumux::benchmarks

int main(int argc, char** argv) {
  try {
    return prumux::benchmarks::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << '\n';
    return 1;
  }
}
