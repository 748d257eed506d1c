#include "core/prediction/grid_csv.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <optional>
#include <set>

#include "core/io/atomic_file.h"
#include "core/prediction/csv.h"
#include "prumux/error.h"

namespace prumux::prediction {
namespace {

/// Reads typed fields of one line, and knows its place for the messages.
class RowReader {
 public:
  RowReader(const std::string& file, const CsvLine& line)
      : place_(fmt::format("{}:{}", file, line.number)), line_(line) {}

  void expect_fields(std::size_t count, const std::string& header) const {
    if (line_.fields.size() == count) return;
    throw DataError(fmt::format("{}: expected {} fields ({}), found {}", place_, count, header,
                                line_.fields.size()));
  }

  std::string task(std::size_t column) const {
    if (line_.fields[column].empty()) {
      throw DataError(fmt::format("{}: the task is empty; write its name", place_));
    }
    return line_.fields[column];
  }

  Cell cell(std::size_t instances_column, std::size_t sparsity_column) const {
    const double sparsity = number(sparsity_column, "sparsity");
    if (sparsity < 0.0 || sparsity >= 1.0) {
      refuse("sparsity", sparsity_column, "must be in [0, 1)",
             sparsity > 1.0 && sparsity < 100.0 ? "; divide by 100" : "");
    }
    // Positive also where the file says -0.
    return {instances(instances_column), std::abs(sparsity)};
  }

  std::optional<double> accuracy(std::size_t column) const {
    if (line_.fields[column].empty()) return std::nullopt;
    const double value = number(column, "accuracy");
    if (value < -1.0 || value > 1.0) {
      refuse("accuracy", column, "must be in [0, 1], or a correlation from -1 on",
             value > 1.0 && value <= 100.0 ? "; divide by 100" : "");
    }
    return value;
  }

  std::optional<double> throughput(std::size_t column) const {
    if (line_.fields[column].empty()) return std::nullopt;
    const double value = number(column, "throughput");
    if (value <= 0.0) {
      refuse("throughput", column, "must be above 0 examples per second",
             "; leave the cell empty where it was not measured");
    }
    return value;
  }

 private:
  [[noreturn]] void refuse(const char* what, std::size_t column, const char* expected,
                           const char* remedy) const {
    throw DataError(fmt::format("{}: {} {}, found {}{}", place_, what, expected,
                                excerpt(line_.fields[column]), remedy));
  }

  double number(std::size_t column, const char* what) const {
    const std::string& field = line_.fields[column];
    double value = 0.0;
    const char* end = field.data() + field.size();
    const auto parsed = std::from_chars(field.data(), end, value);
    if (parsed.ec != std::errc() || parsed.ptr != end || !std::isfinite(value)) {
      refuse(what, column, "must be a number", "");
    }
    return value;
  }

  std::int64_t instances(std::size_t column) const {
    const std::string& field = line_.fields[column];
    std::int64_t value = 0;
    const char* end = field.data() + field.size();
    const auto parsed = std::from_chars(field.data(), end, value);
    if (parsed.ec != std::errc() || parsed.ptr != end || value < 1) {
      refuse("instances", column, "must be a whole number of at least 1", "");
    }
    return value;
  }

  std::string place_;
  const CsvLine& line_;
};

std::string joined(const std::vector<std::string>& fields) {
  std::string text;
  for (const std::string& field : fields) text += (text.empty() ? "" : ",") + field;
  return text;
}

void expect_grid_header(const std::vector<CsvLine>& lines, const std::string& name) {
  if (lines.empty()) {
    throw DataError(fmt::format("{}: the file is empty; its first line must be the header '{}'",
                                name, kGridHeader));
  }
  if (joined(lines.front().fields) != kGridHeader) {
    throw DataError(fmt::format("{}:{}: expected the header '{}', found {}", name,
                                lines.front().number, kGridHeader,
                                excerpt(joined(lines.front().fields))));
  }
}

std::size_t column_of(const CsvLine& header, const std::string& column, const std::string& name) {
  const auto found = std::ranges::find(header.fields, column);
  if (found == header.fields.end()) {
    throw DataError(fmt::format(
        "{}:{}: a file of candidates needs the columns 'instances' and 'sparsity', found {}", name,
        header.number, excerpt(joined(header.fields))));
  }
  return static_cast<std::size_t>(std::distance(header.fields.begin(), found));
}

}  // namespace

Grid parse_grid(std::string_view text, const std::string& name) {
  const std::vector<CsvLine> lines = parse_csv(text, name);
  expect_grid_header(lines, name);
  if (lines.size() == 1) {
    throw DataError(fmt::format("{}: there is no row below the header", name));
  }
  std::vector<GridRow> rows;
  for (auto line = std::next(lines.begin()); line != lines.end(); ++line) {
    const RowReader row(name, *line);
    row.expect_fields(5, std::string(kGridHeader));
    rows.push_back({row.task(0), row.cell(1, 2), {row.accuracy(3), row.throughput(4)}});
  }
  return Grid(rows);
}

Grid read_grid(const std::filesystem::path& path) {
  return parse_grid(io::read_file(path), path.string());
}

std::string format_grid(const Grid& grid) {
  std::string text = fmt::format("{}\n", kGridHeader);
  const auto optional = [](const std::optional<double>& value) {
    return value ? fmt::format("{}", *value) : std::string();
  };
  for (const TaskGrid& task : grid.tasks()) {
    for (const auto& [cell, measurement] : task.cells) {
      text += fmt::format("{},{},{},{},{}\n", csv_field(task.name), cell.instances, cell.sparsity,
                          optional(measurement.accuracy), optional(measurement.throughput));
    }
  }
  return text;
}

void write_grid(const std::filesystem::path& path, const Grid& grid) {
  io::write_file_atomically(path, format_grid(grid));
}

std::vector<Cell> read_candidates(const std::filesystem::path& path, const std::string& task) {
  const std::string name = path.string();
  const std::vector<CsvLine> lines = parse_csv(io::read_file(path), name);
  if (lines.empty()) {
    throw DataError(fmt::format(
        "{}: the file is empty; its first line must name the columns 'instances' and 'sparsity'",
        name));
  }
  const CsvLine& header = lines.front();
  const std::size_t instances = column_of(header, "instances", name);
  const std::size_t sparsity = column_of(header, "sparsity", name);
  const bool has_task = std::ranges::find(header.fields, "task") != header.fields.end();
  std::set<Cell> cells;
  for (auto line = std::next(lines.begin()); line != lines.end(); ++line) {
    const RowReader row(name, *line);
    row.expect_fields(header.fields.size(), joined(header.fields));
    const Cell cell = row.cell(instances, sparsity);
    if (!has_task || row.task(column_of(header, "task", name)) == task) cells.insert(cell);
  }
  if (cells.empty()) {
    throw DataError(has_task
                        ? fmt::format("{}: there is no candidate for the task '{}'", name, task)
                        : fmt::format("{}: there is no candidate below the header", name));
  }
  return {cells.begin(), cells.end()};
}

}  // namespace prumux::prediction
