#include "core/train/metrics_log.h"

#include <gtest/gtest.h>

#include "core/io/atomic_file.h"
#include "tests/train/toy.h"

namespace prumux::train {
namespace {

using testing::TemporaryFolder;

TEST(MetricsLog, GoesOnAfterTheKeptBytes) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "metrics.jsonl";
  std::int64_t kept = 0;
  {
    MetricsLog log(path, 0);
    log.append({{"step", 1}});
    kept = log.sync();
    log.append({{"step", 2}});
  }
  MetricsLog log(path, kept);
  log.append({{"step", 3}});
  EXPECT_EQ(io::read_file(path), "{\"step\":1}\n{\"step\":3}\n");
}

TEST(MetricsLog, ReaderIgnoresALineCutOffByACrash) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "metrics.jsonl";
  io::write_file_atomically(path, "{\"step\":1}\n{\"ste");
  EXPECT_EQ(MetricsLog::read(path).size(), 1u);
}

TEST(MetricsLog, KeepsEveryDigit) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "metrics.jsonl";
  MetricsLog(path, 0).append({{"loss", 0.1 + 0.2}});
  EXPECT_EQ(MetricsLog::read(path)[0]["loss"].get<double>(), 0.1 + 0.2);
}

}  // namespace
}  // namespace prumux::train
