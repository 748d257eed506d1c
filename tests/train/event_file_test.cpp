#include "core/train/event_file.h"

#include <gtest/gtest.h>

#include "core/io/atomic_file.h"
#include "tests/train/toy.h"

namespace prumux::train {
namespace {

using testing::TemporaryFolder;

TEST(EventFile, HasTheBytesThatTensorBoardWrites) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "events";
  EventFile(path).add(1700000000.5, 300, {{"loss", 0.3}, {"evaluation/accuracy", 0.875}});
  EXPECT_EQ(io::read_file(path), io::read_file(PRUMUX_TEST_DATA "/train/events.tfevents"));
}

TEST(EventFile, NamesTheNumbersOfARecordByTheirPath) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "events";
  EventFile(path).add({{"step", 300},
                       {"loss", 0.3},
                       {"evaluation", {{"accuracy", 0.875}}},
                       {"best", true},
                       {"timing", {{"unix_time", 1700000000.5}}}});
  EXPECT_EQ(io::read_file(path), io::read_file(PRUMUX_TEST_DATA "/train/events.tfevents"));
}

}  // namespace
}  // namespace prumux::train
