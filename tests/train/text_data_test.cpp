// Batches and evaluations of real text files.

#include <gtest/gtest.h>
#include <torch/types.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/io/atomic_file.h"
#include "core/text/masking.h"
#include "core/train/evaluation.h"
#include "core/train/sources.h"
#include "core/train/task_objective.h"
#include "tests/train/tiny_model.h"
#include "tests/train/toy.h"

namespace prumux::train {
namespace {

using testing::TemporaryFolder;
using testing::tiny_model;

constexpr std::int64_t kRows = 11;

std::shared_ptr<const text::Tokenizer> letters_tokenizer() {
  std::vector<std::string> tokens = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
  for (char letter = 'a'; letter <= 'k'; ++letter) tokens.emplace_back(1, letter);
  return std::make_shared<text::Tokenizer>(text::Vocabulary(std::move(tokens)),
                                           text::TokenizerSettings{});
}

/// Row i is the letter number i, once or twice; its label is i mod 2.
text::Dataset letters_dataset(const TemporaryFolder& folder, const text::Tokenizer& tokenizer) {
  std::string content = "sentence\tlabel\n";
  for (int row = 0; row < kRows; ++row) {
    const std::string letter(1, static_cast<char>('a' + row));
    content += (row % 3 == 0 ? letter + " " + letter : letter) + "\t" + std::to_string(row % 2);
    content += "\n";
  }
  const auto file = folder.path() / "train.tsv";
  io::write_file_atomically(file, content);
  text::DatasetOptions options;
  options.cache_folder = folder.path() / "cache";
  return text::Dataset::open(text::find_task("sst2"), file, tokenizer, options);
}

/// Number of the row that a row of a batch came from.
std::vector<std::int64_t> row_numbers(const text::Batch& batch) {
  const at::Tensor letters = batch.input_ids.select(1, 1).contiguous() - 5;
  return {letters.const_data_ptr<std::int64_t>(),
          letters.const_data_ptr<std::int64_t>() + letters.numel()};
}

TEST(TaskSource, DrawsCompleteGroupsInANewOrderEachEpoch) {
  const TemporaryFolder folder;
  text::TrainingOrder order;
  order.instances = 2;
  order.groups_per_batch = 2;
  const auto dataset = letters_dataset(folder, *letters_tokenizer());
  TaskSource source(dataset, order), again(dataset, order);
  ASSERT_EQ(source.batches_per_epoch(), 2);
  std::vector<std::vector<std::int64_t>> epochs;
  for (std::int64_t epoch = 0; epoch < 3; ++epoch) {
    std::vector<std::int64_t> rows;
    for (std::int64_t index = 0; index < 2; ++index) {
      const text::Batch batch = source.batch(epoch, index);
      for (const std::int64_t row : row_numbers(batch)) rows.push_back(row);
      EXPECT_EQ(batch.labels.size(0), 4);
    }
    EXPECT_EQ(std::set<std::int64_t>(rows.begin(), rows.end()).size(), 8u) << "a row twice";
    epochs.push_back(rows);
  }
  EXPECT_NE(epochs[0], epochs[1]);
  EXPECT_NE(epochs[1], epochs[2]);
  // In another order of asking: the same batches.
  EXPECT_TRUE(at::equal(again.batch(2, 1).input_ids, source.batch(2, 1).input_ids));
  EXPECT_TRUE(at::equal(again.batch(0, 0).input_ids, source.batch(0, 0).input_ids));
}

TEST(EvaluationSource, ReturnsAllRowsTheShortestFirst) {
  const TemporaryFolder folder;
  EvaluationSource source(letters_dataset(folder, *letters_tokenizer()), 4);
  std::vector<std::int64_t> rows;
  for (std::int64_t index = 0; index < source.batches_per_epoch(); ++index) {
    for (const std::int64_t row : row_numbers(source.batch(0, index))) rows.push_back(row);
  }
  // Rows 0, 3, 6 and 9 have two words, the others one.
  EXPECT_EQ(rows, (std::vector<std::int64_t>{1, 2, 4, 5, 7, 8, 10, 0, 3, 6, 9}));
}

TEST(CorpusSource, MasksAnewEachEpochAndAlwaysTheSameForOneEpoch) {
  const TemporaryFolder folder;
  const auto tokenizer = letters_tokenizer();
  const auto file = folder.path() / "corpus.txt";
  std::string content;
  for (int line = 0; line < 20; ++line) content += "a b c d e f g h i j k\n";
  io::write_file_atomically(file, content);
  text::CorpusOptions options;
  options.chunk_length = 22;
  options.cache_folder = folder.path() / "cache";
  const auto corpus = text::Corpus::open({file}, *tokenizer, options);
  ASSERT_EQ(corpus.size(), 11u);
  text::TrainingOrder order;
  order.groups_per_batch = 11;
  CorpusSource source(corpus, tokenizer, {}, order), again(corpus, tokenizer, {}, order);
  const text::Batch first = source.batch(0, 0), second = source.batch(1, 0);
  EXPECT_TRUE(at::equal(first.input_ids, again.batch(0, 0).input_ids));
  EXPECT_TRUE(at::equal(first.labels, again.batch(0, 0).labels));
  EXPECT_FALSE(at::equal(first.labels, second.labels));
  const double share = first.labels.ne(text::kIgnoredLabel).to(at::kDouble).mean().item<double>();
  EXPECT_NEAR(share, 0.15 * 20 / 22, 0.08);
}

TEST(TaskEvaluator, ScoresTheModelsOwnPredictionsWithoutChangingIt) {
  const TemporaryFolder folder;
  const auto dataset = letters_dataset(folder, *letters_tokenizer());
  const auto model = tiny_model(3);
  model->train();
  const Evaluation evaluation =
      task_evaluator(model, text::find_task("sst2"), dataset, 4, Precision::float32)();
  EXPECT_TRUE(model->is_training());
  // Row by row, in evaluation mode.
  model->eval();
  const at::NoGradGuard no_gradient;
  EvaluationSource rows(dataset, 1);
  int right = 0;
  for (std::int64_t index = 0; index < kRows; ++index) {
    const text::Batch row = rows.batch(0, index);
    const at::Tensor logits = model->forward(model_inputs(row)).logits;
    right += logits.argmax(1).equal(row.labels) ? 1 : 0;
  }
  EXPECT_DOUBLE_EQ(evaluation.score, right / static_cast<double>(kRows));
  EXPECT_DOUBLE_EQ(evaluation.metrics.at("accuracy"), evaluation.score);
}

TEST(LossEvaluator, IsTheMeanOverTheBatches) {
  const TemporaryFolder folder;
  const auto dataset = letters_dataset(folder, *letters_tokenizer());
  TaskObjective objective(tiny_model(3), Precision::float32);
  objective.set_training(false);
  const at::NoGradGuard no_gradient;
  const auto source = std::make_shared<EvaluationSource>(dataset, 4);
  const double first = objective.loss(source->batch(0, 0), 0).item<double>();
  const double second = objective.loss(source->batch(0, 1), 0).item<double>();
  EXPECT_NEAR(loss_evaluator(objective, source, 2)().score, (first + second) / 2, 1e-6);
  EXPECT_NEAR(loss_evaluator(objective, source, 1)().metrics.at("loss"), first, 1e-6);
}

}  // namespace
}  // namespace prumux::train
