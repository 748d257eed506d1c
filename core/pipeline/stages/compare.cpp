#include "core/pipeline/stages/compare.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <algorithm>

#include "core/config/nearest.h"
#include "core/io/atomic_file.h"
#include "core/pipeline/stages/scatter_plot.h"
#include "core/prediction/csv.h"
#include "prumux/error.h"

namespace prumux::pipeline {
namespace {

using Row = std::vector<std::string>;

std::string text_of(const std::optional<double>& number, int digits) {
  return number ? fmt::format("{:.{}f}", *number, digits) : "";
}

/// The header, then a row for each cell.
std::vector<Row> table_of(const Summary& summary) {
  std::vector<Row> table(1);
  for (const auto& [name, value] : summary.cells.front().variables) table[0].push_back(name);
  for (const char* name : {"removed", "parameters", "accuracy", "examples/s", "speed-up"}) {
    table[0].emplace_back(name);
  }
  const std::optional<double> base = plain_throughput(summary);
  for (const CellSummary& cell : summary.cells) {
    Row& row = table.emplace_back();
    for (const auto& [name, value] : cell.variables) row.push_back(value);
    const auto throughput = cell.number("throughput");
    row.push_back(text_of(cell.number("sparsity"), 3));
    row.push_back(text_of(cell.number("parameters"), 0));
    row.push_back(text_of(cell.number("accuracy"), 4));
    row.push_back(text_of(throughput, 1));
    row.push_back(throughput && base ? text_of(*throughput / *base, 2) : "");
  }
  return table;
}

std::string csv_of(const std::vector<Row>& table) {
  std::string text;
  for (const Row& row : table) {
    Row fields;
    for (const std::string& field : row) fields.push_back(prediction::csv_field(field));
    text += fmt::format("{}\n", fmt::join(fields, ","));
  }
  return text;
}

/// A bar would end the table's column.
std::string markdown_field(std::string text) {
  for (std::size_t at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2)) {
    text.insert(at, "\\");
  }
  return text;
}

std::string markdown_of(const std::vector<Row>& table) {
  std::string text;
  for (const Row& row : table) {
    Row fields;
    for (const std::string& field : row) fields.push_back(markdown_field(field));
    text += fmt::format("| {} |\n", fmt::join(fields, " | "));
    if (&row == &table.front()) {
      text += fmt::format("|{}\n", fmt::join(Row(row.size(), " --- |"), ""));
    }
  }
  return text;
}

/// The variable by which points have their colours: the one that is asked for, or else the first
/// that is not drawn otherwise.
std::string series_variable(const StageJob& job) {
  if (const config::Value* wanted = job.settings.find("series")) return wanted->string();
  for (const auto& [name, value] : job.summary.cells.front().variables) {
    if (name != "instances" && name != "sparsity") return name;
  }
  return "instances";
}

std::vector<PlotSeries> series_of(const Summary& summary, const std::string& variable) {
  std::vector<PlotSeries> series;
  for (const CellSummary& cell : summary.cells) {
    const auto accuracy = cell.number("accuracy");
    const auto throughput = cell.number("throughput");
    if (!accuracy || !throughput) continue;
    std::string name = summary.name;
    Row others;
    for (const auto& [key, value] : cell.variables) {
      if (key == variable) {
        name = value;
      } else {
        others.push_back(value);
      }
    }
    auto found = std::find_if(series.begin(), series.end(),
                              [&name](const PlotSeries& one) { return one.name == name; });
    if (found == series.end()) found = series.insert(series.end(), PlotSeries{name, {}});
    found->points.push_back({*throughput, *accuracy, fmt::format("{}", fmt::join(others, ", "))});
  }
  return series;
}

}  // namespace

std::vector<config::Field> CompareStage::fields() const {
  return {{.name = "series",
           .help = "grid variable whose values get a colour each; by default the first beside "
                   "instances and sparsity"}};
}

void CompareStage::plan(const StageRequest& request, Record& /*record*/,
                        config::Problems& problems) const {
  const config::Value* series = request.settings.find("series");
  if (series == nullptr) return;
  const config::Value* grid = request.pipeline.find("grid");
  std::vector<std::string> names;
  if (grid != nullptr) {
    for (const config::Value::Entry& entry : grid->entries) names.push_back(entry.key);
  }
  if (std::find(names.begin(), names.end(), series->text) != names.end()) return;
  problems.add(series->place, fmt::format("series '{}' - expected a variable of the grid ({})",
                                          series->text, config::suggestion(series->text, names)));
}

nlohmann::json CompareStage::run(const StageJob& job) const {
  const std::vector<Row> table = table_of(job.summary);
  const std::vector<PlotSeries> series = series_of(job.summary, series_variable(job));
  if (series.empty()) {
    throw DataError(
        fmt::format("stage {}: no cell has both an accuracy and a throughput - put evaluate and "
                    "benchmark stages before it",
                    job.id));
  }
  const std::filesystem::path folder = job.run_folder;
  io::write_file_atomically(folder / "comparison.csv", csv_of(table));
  io::write_file_atomically(folder / "comparison.md", markdown_of(table));
  io::write_file_atomically(folder / "comparison.svg",
                            scatter_plot(job.summary.name, "examples/s", "accuracy", series));
  return {{"cells", table.size() - 1},
          {"table", (folder / "comparison.csv").string()},
          {"plot", (folder / "comparison.svg").string()}};
}

}  // namespace prumux::pipeline
