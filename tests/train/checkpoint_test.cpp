#include "core/train/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <fstream>
#include <set>

#include "core/train/random_state.h"
#include "prumux/error.h"
#include "tests/train/toy.h"

namespace prumux::train {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::TemporaryFolder;

Checkpoint checkpoint_of_step(std::int64_t step) {
  Checkpoint checkpoint;
  checkpoint.state.step = step;
  checkpoint.state.position = {2, 5};
  checkpoint.state.best_step = 3;
  checkpoint.state.best = Evaluation{0.1 + 0.2, {{"accuracy", 0.1 + 0.2}}};
  checkpoint.state.loss_sum = 1.0 / 3.0;
  checkpoint.state.loss_count = 2;
  checkpoint.state.metrics_bytes = 77;
  checkpoint.tensors = {{"weight", at::full({3}, static_cast<double>(step))}};
  return checkpoint;
}

std::set<std::string> files_in(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder))
    names.insert(entry.path().filename().string());
  return names;
}

TEST(CheckpointStore, ReturnsTheNewestWithEveryDigit) {
  const TemporaryFolder folder;
  CheckpointStore store(folder.path(), "key", 2);
  EXPECT_FALSE(store.load_newest());
  EXPECT_FALSE(newest_checkpoint_step(folder.path()));
  store.save(checkpoint_of_step(4));
  store.save(checkpoint_of_step(12));
  const auto newest = store.load_newest();
  ASSERT_TRUE(newest);
  EXPECT_EQ(newest->state.step, 12);
  EXPECT_EQ(newest->state.position, (DataPosition{2, 5}));
  EXPECT_EQ(newest->state.best->score, 0.1 + 0.2);
  EXPECT_EQ(newest->state.best->metrics.at("accuracy"), 0.1 + 0.2);
  EXPECT_EQ(newest->state.loss_sum, 1.0 / 3.0);
  EXPECT_EQ(newest->state.metrics_bytes, 77);
  EXPECT_FALSE(newest->state.last);
  EXPECT_TRUE(at::equal(newest->tensors.at("weight"), at::full({3}, 12.0)));
  EXPECT_EQ(newest->tensors.size(), 1u);
  EXPECT_EQ(newest_checkpoint_step(folder.path()), 12);
}

TEST(CheckpointStore, KeepsTheNewestAndTheBestModelsTheyReferTo) {
  const TemporaryFolder folder;
  CheckpointStore store(folder.path(), "key", 2);
  const TensorMap tensors = {{"weight", at::ones({1})}};
  store.save_best(2, tensors);
  store.save_best(4, tensors);
  store.save(checkpoint_of_step(5));
  store.save(checkpoint_of_step(10));
  store.save_best(12, tensors);
  EXPECT_THAT(files_in(store.folder()),
              ElementsAre("best-000000004.safetensors", "best-000000012.safetensors",
                          "step-000000005.safetensors", "step-000000010.safetensors"));
  store.save(checkpoint_of_step(15));
  store.save(checkpoint_of_step(20));
  EXPECT_THAT(files_in(store.folder()),
              ElementsAre("best-000000012.safetensors", "step-000000015.safetensors",
                          "step-000000020.safetensors"));
}

TEST(CheckpointStore, PassesOverPartialFiles) {
  const TemporaryFolder folder;
  CheckpointStore store(folder.path(), "key", 3);
  store.save_best(2, {{"weight", at::ones({1})}});
  store.save(checkpoint_of_step(3));
  store.save(checkpoint_of_step(6));
  store.save_best(7, {{"weight", at::ones({1})}});
  fs::resize_file(store.folder() / "step-000000006.safetensors", 100);
  const auto newest = store.load_newest();
  ASSERT_TRUE(newest);
  EXPECT_EQ(newest->state.step, 3);
  EXPECT_THAT(files_in(store.folder()),
              ElementsAre("best-000000002.safetensors", "step-000000003.safetensors"));
}

TEST(CheckpointStore, LeavesWhatCannotBeReadAsItIs) {
  const TemporaryFolder folder;
  CheckpointStore store(folder.path(), "key", 3);
  store.save(checkpoint_of_step(3));
  // As after a failing disk or without permission.
  fs::create_directory(store.folder() / "step-000000006.safetensors");
  EXPECT_THROW(store.load_newest(), IoError);
  EXPECT_EQ(newest_checkpoint_step(folder.path()), 6);
}

TEST(CheckpointStore, RefusesTheCheckpointOfAnotherTraining) {
  const TemporaryFolder folder;
  CheckpointStore(folder.path(), "old-key", 2).save(checkpoint_of_step(3));
  CheckpointStore store(folder.path(), "new-key", 2);
  try {
    store.load_newest();
    FAIL() << "accepted";
  } catch (const DataError& problem) {
    EXPECT_THAT(problem.what(), HasSubstr("checkpoints' has a checkpoint of another training "
                                          "(old-key, expected new-key)"));
    EXPECT_THAT(problem.what(), HasSubstr("remove the folder"));
  }
  EXPECT_EQ(newest_checkpoint_step(folder.path()), 3) << "it must stay";
}

TEST(RandomState, ContinuesTheStreamBitForBit) {
  at::manual_seed(5);
  at::randn({3});
  const at::Tensor state = random_state();
  const at::Tensor expected = at::randn({100});
  at::manual_seed(6);
  restore_random_state(state);
  EXPECT_TRUE(at::equal(at::randn({100}), expected));
  EXPECT_THROW(restore_random_state(at::zeros({3}, at::kByte)), DataError);
}

TEST(IsolatedRandomness, LeavesTheOuterStreamAlone) {
  at::manual_seed(5);
  const at::Tensor expected = at::randn({10});
  at::manual_seed(5);
  at::Tensor first, second;
  {
    const IsolatedRandomness isolated(1);
    first = at::rand({4});
  }
  {
    const IsolatedRandomness isolated(1);
    second = at::rand({4});
  }
  EXPECT_TRUE(at::equal(first, second));
  EXPECT_TRUE(at::equal(at::randn({10}), expected));
}

}  // namespace
}  // namespace prumux::train
