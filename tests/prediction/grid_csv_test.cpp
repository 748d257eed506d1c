#include "core/prediction/grid_csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/fmt/fmt.h>

#include <filesystem>
#include <random>

#include "core/io/atomic_file.h"
#include "prumux/error.h"

namespace prumux::prediction {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

Grid parse(const std::string& rows) {
  return parse_grid(fmt::format("{}\n{}", kGridHeader, rows), "grid.csv");
}

void expect_error(const std::string& rows, const std::string& message) {
  EXPECT_THAT([&] { parse(rows); }, ThrowsMessage<DataError>(HasSubstr(message))) << rows;
}

class CandidateFile : public ::testing::Test {
 protected:
  std::vector<Cell> read(const std::string& content, const std::string& task = "a") {
    io::write_file_atomically(path_, content);
    return read_candidates(path_, task);
  }

  void TearDown() override { std::filesystem::remove(path_); }

  std::filesystem::path path_ =
      std::filesystem::path(::testing::TempDir()) /
      fmt::format("candidates_{}.csv",
                  ::testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST(GridCsv, ReadsMeasurementsAndEmptyCells) {
  const Grid grid = parse("sst2,2,0.60,0.91,1500.5\nqqp,1,0,,100\nsst2,5,0.9,0.8,\n");
  ASSERT_EQ(grid.tasks().size(), 2u);
  EXPECT_EQ(grid.tasks()[0].name, "sst2");
  EXPECT_EQ(grid.tasks()[1].name, "qqp");
  const Measurement& full = grid.task("sst2").cells.at({2, 0.6});
  EXPECT_EQ(full.accuracy, 0.91);
  EXPECT_EQ(full.throughput, 1500.5);
  EXPECT_EQ(grid.task("sst2").cells.at({5, 0.9}).throughput, std::nullopt);
  EXPECT_EQ(grid.task("qqp").cells.at({1, 0.0}).accuracy, std::nullopt);
}

TEST(GridCsv, AcceptsWhatSpreadsheetsWrite) {
  const Grid grid = parse_grid("\xEF\xBB\xBF" + std::string(kGridHeader) +
                                   "\r\n\r\n \"my, \"\"task\"\"\" , 2 , 0.6 , 0.9 , \r\n",
                               "grid.csv");
  EXPECT_EQ(grid.tasks()[0].name, "my, \"task\"");
  EXPECT_EQ(grid.tasks()[0].cells.at({2, 0.6}).accuracy, 0.9);
}

TEST(GridCsv, AveragesRowsOfTheSameCell) {
  const Grid grid = parse("a,2,0.6,0.90,100\na,2,0.60,0.92,\na,2,.6,,300\n");
  const Measurement& cell = grid.task("a").cells.at({2, 0.6});
  EXPECT_DOUBLE_EQ(*cell.accuracy, 0.91);
  EXPECT_DOUBLE_EQ(*cell.throughput, 200.0);
}

TEST(GridCsv, ReadsBackExactlyWhatItWrites) {
  const std::string text =
      "task,instances,sparsity,accuracy,throughput\n"
      "\"x,y\",1,0,0.1234567890123456,\n"
      "\"x,y\",10,0.95,,98765.4321\n";
  EXPECT_EQ(format_grid(parse_grid(text, "grid.csv")), text);
}

TEST(GridCsv, WritesAndReadsFiles) {
  const auto path = std::filesystem::path(::testing::TempDir()) / "written_grid.csv";
  write_grid(path, parse("a,2,0.6,0.9,100\n"));
  EXPECT_EQ(read_grid(path).task("a").cells.at({2, 0.6}).throughput, 100.0);
  std::filesystem::remove(path);
  EXPECT_THAT([&] { read_grid(path); }, ThrowsMessage<IoError>(HasSubstr("written_grid.csv")));
}

TEST(GridCsv, RefusesAnotherHeader) {
  EXPECT_THAT([] { parse_grid("task;instances\n", "grid.csv"); },
              ThrowsMessage<DataError>(
                  "grid.csv:1: expected the header 'task,instances,sparsity,accuracy,throughput', "
                  "found 'task;instances'"));
  EXPECT_THAT([] { parse_grid("", "grid.csv"); },
              ThrowsMessage<DataError>(HasSubstr("grid.csv: the file is empty")));
  EXPECT_THAT(
      [] {
        parse_grid(std::string("\x7f"
                               "ELF\0\1\2",
                               7),
                   "grid.csv");
      },
      ThrowsMessage<DataError>(HasSubstr("ELF?\?\?'")));
  expect_error("", "there is no row below the header");
}

TEST(GridCsv, SaysWhichValueIsWrongAndWhatToDo) {
  expect_error("a,2,0.6,93.1,100",
               "grid.csv:2: accuracy must be in [0, 1], or a correlation from -1 on, found '93.1'; "
               "divide by "
               "100");
  expect_error("a,2,0.6,-1.1,100",
               "grid.csv:2: accuracy must be in [0, 1], or a correlation from -1 on, found '-1.1'");
  expect_error("a,2,60,0.9,100", "sparsity must be in [0, 1), found '60'; divide by 100");
  expect_error("a,2,1,0.9,100", "sparsity must be in [0, 1), found '1'");
  expect_error("a,0,0.6,0.9,100", "instances must be a whole number of at least 1, found '0'");
  expect_error("a,2.5,0.6,0.9,100", "instances must be a whole number of at least 1, found '2.5'");
  expect_error("a,,0.6,0.9,100", "instances must be a whole number of at least 1, found ''");
  expect_error("a,2,0.6,0.9,0",
               "throughput must be above 0 examples per second, found '0'; leave "
               "the cell empty where it was not measured");
  expect_error("a,2,0.6,high,1", "accuracy must be a number, found 'high'");
  expect_error("a,2,0.6,nan,1", "accuracy must be a number, found 'nan'");
  expect_error("a,2,0.6,0.9,1e999", "throughput must be a number, found '1e999'");
  expect_error("a,2,,0.9,1", "sparsity must be a number, found ''");
  expect_error("a,2,0.6,0.9,100x", "throughput must be a number, found '100x'");
}

TEST(GridCsv, SaysWhichLineIsWrong) {
  expect_error("a,2,0.6,0.9,1\n\na,2,0.6\n", "grid.csv:4: expected 5 fields");
  expect_error("a,2,0.6,0.9,1,7\n", "grid.csv:2: expected 5 fields");
  expect_error(",2,0.6,0.9,1\n", "grid.csv:2: the task is empty");
  expect_error("\"a,2,0.6,0.9,1\n", "grid.csv:2: a quote is not closed in its line");
  expect_error("\"a\"b,2,0.6,0.9,1\n",
               "grid.csv:2: expected a comma after the quoted field, found 'b,2,0.6,0.9,1'");
}

TEST(GridCsv, AnyDamageEndsInAGridOrADataError) {
  const std::string valid = format_grid(parse("a,2,0.6,0.9,100\n\"b,\",5,0.95,,2e3\nc,1,0,0.5,\n"));
  std::mt19937 random(1);
  for (int round = 0; round < 5000; ++round) {
    std::string damaged = valid;
    for (unsigned hits = 1 + random() % 3; hits > 0; --hits) {
      const std::size_t at = random() % damaged.size();
      constexpr std::string_view kBytes("\",\n\r\0-e.9 \xff", 11);
      if (random() % 4 == 0) {
        damaged.resize(at + 1);
      } else {
        damaged[at] = kBytes[random() % kBytes.size()];
      }
    }
    try {
      const Grid grid = parse_grid(damaged, "grid.csv");
      for (const TaskGrid& task : grid.tasks()) {
        EXPECT_FALSE(task.cells.empty());
      }
    } catch (const DataError& problem) {
      EXPECT_THAT(problem.what(), HasSubstr("grid.csv"));
    }
  }
}

TEST(GridCsv, ListsTheTasksWhenOneIsUnknownOrNeeded) {
  const Grid grid = parse("a,2,0.6,0.9,1\nb,2,0.6,0.9,1\n");
  EXPECT_THAT([&] { grid.task("c"); },
              ThrowsMessage<ConfigError>("the grid has no task 'c'; its tasks: a, b"));
  EXPECT_THAT([&] { grid.task_or_only(std::nullopt); },
              ThrowsMessage<ConfigError>("the grid has 2 tasks, name one of them: a, b"));
  EXPECT_EQ(grid.task_or_only("b").name, "b");
  EXPECT_EQ(parse("a,2,0.6,0.9,1\n").task_or_only(std::nullopt).name, "a");
}

TEST_F(CandidateFile, NeedsInstancesAndSparsityOnly) {
  EXPECT_THAT(read("sparsity,instances\n0.65,2\n0.6,2\n0.6,2\n"),
              ElementsAre(Cell{2, 0.6}, Cell{2, 0.65}));
}

TEST_F(CandidateFile, MayBeAnotherGrid) {
  EXPECT_THAT(read(std::string(kGridHeader) + "\na,2,0.65,,\nb,2,0.7,,\na,5,0.6,0.9,1\n"),
              ElementsAre(Cell{2, 0.65}, Cell{5, 0.6}));
}

TEST_F(CandidateFile, IsRefusedWithTheReason) {
  EXPECT_THAT([&] { read("instances,s\n2,0.6\n"); },
              ThrowsMessage<DataError>(HasSubstr(
                  ":1: a file of candidates needs the columns 'instances' and 'sparsity', found "
                  "'instances,s'")));
  EXPECT_THAT([&] { read("instances,sparsity\n2,1.5\n"); },
              ThrowsMessage<DataError>(HasSubstr(":2: sparsity must be in [0, 1)")));
  EXPECT_THAT([&] { read("instances,sparsity\n"); },
              ThrowsMessage<DataError>(HasSubstr("there is no candidate below the header")));
  EXPECT_THAT([&] { read("task,instances,sparsity\nb,2,0.6\n"); },
              ThrowsMessage<DataError>(HasSubstr("there is no candidate for the task 'a'")));
  EXPECT_THAT([&] { read(""); }, ThrowsMessage<DataError>(HasSubstr("the file is empty")));
}

}  // namespace
}  // namespace prumux::prediction
