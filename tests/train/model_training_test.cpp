#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include "core/model/encoder.h"
#include "core/model/safetensors.h"
#include "core/train/autocast.h"
#include "core/train/compression_objective.h"
#include "core/train/imitation_objective.h"
#include "core/train/pretraining_objective.h"
#include "core/train/task_objective.h"
#include "core/train/trainer.h"
#include "prumux/error.h"
#include "tests/train/tiny_model.h"
#include "tests/train/toy.h"

namespace prumux::train {
namespace {

using namespace testing;
using ::testing::HasSubstr;

double accuracy(model::Model& model) {
  const at::NoGradGuard no_gradient;
  model.eval();
  const text::Batch batch = ToySource(1, 256).batch(999, 0);
  return model.forward(model_inputs(batch))
      .logits.argmax(1)
      .eq(batch.labels)
      .to(at::kDouble)
      .mean()
      .item<double>();
}

TrainingOptions model_options(const std::filesystem::path& directory) {
  TrainingOptions options = toy_options(directory);
  options.optimizer.learning_rate = 0.003;
  return options;
}

bool equal_states(const model::Model& first, const model::Model& second) {
  const TensorMap expected = first.state(), actual = second.state();
  if (expected.size() != actual.size()) return false;
  return std::equal(expected.begin(), expected.end(), actual.begin(), [](auto& a, auto& b) {
    return a.first == b.first && at::equal(a.second, b.second);
  });
}

class TaskTraining : public ::testing::TestWithParam<Precision> {};

TEST_P(TaskTraining, LearnsTheToyTask) {
  const TemporaryFolder folder;
  const auto model = tiny_model(1);
  TaskObjective objective(model, GetParam());
  ToySource source(40, 32);
  TrainingOptions options = model_options(folder.path());
  options.precision = GetParam();
  train(options, objective, source);
  EXPECT_GT(accuracy(*model), 0.95);
}

INSTANTIATE_TEST_SUITE_P(Precisions, TaskTraining,
                         ::testing::Values(Precision::float32, Precision::bfloat16));

TEST(TaskTrainingOfAModel, ElectraWithNarrowEmbeddingsComputesInBfloat16) {
  model::ModelConfig config = tiny_model(1)->config();
  config.encoder.model_type = "electra";
  config.encoder.embedding_size = 8;
  at::manual_seed(1);
  const auto model = std::make_shared<model::Model>(config);
  const text::Batch batch = ToySource(1, 8).batch(0, 0);
  const auto logits = [&](Precision precision) {
    const at::NoGradGuard no_gradient;
    const Autocast autocast(precision);
    return model->forward(model_inputs(batch)).logits.to(at::kFloat);
  };
  model->eval();
  EXPECT_TRUE(at::allclose(logits(Precision::bfloat16), logits(Precision::float32), 0.05, 0.01));
  model->train();
  TaskObjective objective(model, Precision::bfloat16);
  objective.loss(batch, 0).backward();
  EXPECT_GT(model->encoder()->embeddings().word.grad().abs().sum().item<double>(), 0.0);
}

TEST(TaskTrainingOfAModel, InterruptedAndResumedEndsWithTheSameBits) {
  const TemporaryFolder whole_folder, folder;
  ToySource source(10, 8);
  const auto whole = tiny_model(1);
  TaskObjective whole_objective(whole, Precision::float32);
  train(model_options(whole_folder.path()), whole_objective, source);

  TrainingOptions options = model_options(folder.path());
  for (const int stop_after : {3, 14, 1}) {
    int asked = 0;
    options.stop_requested = [&] { return ++asked == stop_after; };
    TaskObjective objective(tiny_model(1), Precision::float32);
    EXPECT_THROW(train(options, objective, source), Interrupted);
  }
  options.stop_requested = nullptr;
  const auto resumed = tiny_model(1);
  TaskObjective objective(resumed, Precision::float32);
  EXPECT_EQ(train(options, objective, source).resumed_from, 18);
  EXPECT_TRUE(equal_states(*whole, *resumed));
  EXPECT_EQ(records_without_timing(whole_folder.path()), records_without_timing(folder.path()));
}

TEST(TaskLoss, RefusesLabelsThatTheModelLacks) {
  try {
    task_loss(at::zeros({2, 2}), at::tensor({0, 2}, at::kLong));
    FAIL() << "accepted";
  } catch (const DataError& problem) {
    EXPECT_THAT(problem.what(), HasSubstr("labels from 0 to 2, but the model has the 2 classes"));
  }
}

TEST(TaskLoss, IsTheSquaredErrorForOneLabel) {
  EXPECT_FLOAT_EQ(
      task_loss(at::tensor({1.0f, 2.0f}).view({2, 1}), at::tensor({0.0f, 4.0f})).item<float>(),
      2.5f);
}

/// Rows that repeat one token, of which one is hidden by token 15.
class RepeatedTokens : public ToySource {
 public:
  RepeatedTokens() : ToySource(40, 32) {}
  text::Batch batch(std::int64_t epoch, std::int64_t index) override {
    text::Batch batch = ToySource::batch(epoch, index);
    const at::Tensor token = batch.input_ids.narrow(1, 0, 1).remainder(14).add(1);
    batch.input_ids = token.expand({-1, 6}).clone();
    batch.labels = at::full_like(batch.input_ids, -100);
    batch.labels.select(1, 3).copy_(token.squeeze(1));
    batch.input_ids.select(1, 3).fill_(15);
    return batch;
  }
};

TEST(Pretraining, MaskedLanguageModellingLearnsWhatTheContextTells) {
  const TemporaryFolder folder;
  const auto model = tiny_model(2);
  PretrainingOptions coefficients;
  coefficients.retrieval_coefficient = 0.0;
  coefficients.masked_lm_coefficient = 1.0;
  PretrainingObjective objective(model, coefficients, Precision::float32);
  RepeatedTokens source;
  train(model_options(folder.path()), objective, source);
  const at::NoGradGuard no_gradient;
  objective.set_training(false);
  objective.loss(source.batch(99, 0), 0);
  EXPECT_GT(objective.metrics().at("masked_lm_accuracy"), 0.95);
  EXPECT_FALSE(objective.metrics().contains("retrieval_loss")) << "a term of weight 0 was computed";
}

/// A model on libtorch, to be imitated.
ImitatedModel imitated(const std::shared_ptr<model::Model>& teacher) {
  teacher->eval();
  return {teacher->config().encoder.hidden_size, [teacher](const text::Batch& batch) {
            const at::NoGradGuard no_gradient;
            return teacher->encode(model_inputs(batch), {})
                .hidden_states.back()
                .index({batch.attention_mask.to(at::kBool)});
          }};
}

TEST(Imitation, BeginsAsAConstantAndComesToExplainTheTeacher) {
  const TemporaryFolder folder;
  const auto student = tiny_model(2);
  ImitationObjective objective(student, imitated(tiny_model(3)), Precision::float32);
  ToySource source(40, 32);
  objective.set_training(false);
  // Before training nothing is explained: the squares of standardised numbers have mean 1.
  EXPECT_NEAR(objective.loss(source.batch(99, 0), 0).item<double>(), 1.0, 1e-4);
  train(model_options(folder.path()), objective, source);
  objective.set_training(false);
  objective.loss(source.batch(99, 0), 0);
  EXPECT_LT(objective.metrics().at("unexplained_variance"), 0.3);
}

TEST(Imitation, RefusesATeacherOfAnotherWidth) {
  model::ModelConfig wide = tiny_model(1)->config();
  wide.encoder.hidden_size = wide.encoder.embedding_size = 32;
  try {
    const ImitationObjective objective(
        tiny_model(1), imitated(std::make_shared<model::Model>(wide)), Precision::float32);
    FAIL() << "accepted";
  } catch (const ConfigError& problem) {
    EXPECT_STREQ(
        problem.what(),
        "imitation needs a teacher of the model's hidden size 16, but the teacher's is 32");
  }
}

TEST(Pretraining, BothTermsAddUpWithTheirCoefficients) {
  PretrainingOptions coefficients;
  coefficients.retrieval_coefficient = 0.3;
  coefficients.masked_lm_coefficient = 0.7;
  PretrainingObjective objective(tiny_model(2), coefficients, Precision::float32);
  objective.set_training(false);
  RepeatedTokens source;
  const double loss = objective.loss(source.batch(0, 0), 0).item<double>();
  const auto metrics = objective.metrics();
  EXPECT_NEAR(loss, 0.3 * metrics.at("retrieval_loss") + 0.7 * metrics.at("masked_lm_loss"), 1e-6);
}

TEST(Pretraining, BatchWithoutTargetsHasALossOfZeroWithAGradient) {
  PretrainingOptions coefficients;
  coefficients.retrieval_coefficient = 0.0;
  coefficients.masked_lm_coefficient = 1.0;
  PretrainingObjective objective(tiny_model(2), coefficients, Precision::float32);
  RepeatedTokens source;
  text::Batch batch = source.batch(0, 0);
  batch.labels.fill_(-100);
  const at::Tensor loss = objective.loss(batch, 0);
  EXPECT_EQ(loss.item<double>(), 0.0);
  EXPECT_NO_THROW(loss.backward());
}

TEST(Pretraining, NeedsACoefficient) {
  EXPECT_THROW(PretrainingObjective(tiny_model(2), {0.0, 0.0, 1.0}, Precision::float32),
               ConfigError);
}

/// Scales the heads by a trained mask, and distils the teacher's logits and last hidden states.
class MaskingCompressor : public Compressor {
 public:
  bool needs_teacher() const override { return true; }
  bool needs_hidden_states() const override { return true; }
  void attach(const ModelView& model, const CompressionSchedule&) override {
    mask_ = at::full({model.encoder().num_hidden_layers, model.encoder().num_attention_heads}, 0.9)
                .requires_grad_();
  }
  StructureMasks training_masks(std::int64_t) override {
    StructureMasks masks;
    masks.head = mask_ * at::rand_like(mask_).mul(0.1).add(0.95);
    return masks;
  }
  StructureMasks evaluation_masks() override {
    StructureMasks masks;
    masks.head = mask_.detach();
    return masks;
  }
  at::Tensor loss(const TrainingStep& step) override {
    EXPECT_FALSE(step.teacher->logits.requires_grad());
    EXPECT_EQ(step.student->hidden_states.size(), 3u);
    EXPECT_TRUE(step.masks->head.defined());
    return step.task_loss + at::mse_loss(step.student->logits, step.teacher->logits) +
           at::mse_loss(step.student->hidden_states.back(), step.teacher->hidden_states.back()) +
           0.1 * mask_.mean();
  }
  std::vector<ParameterGroup> parameter_groups() override {
    ParameterGroup group;
    group.name = "mask";
    group.parameters = {{"mask", mask_}};
    group.learning_rate = 0.01;
    return {group};
  }
  std::map<std::string, double> metrics() override {
    return {{"mask", mask_.mean().item<double>()}};
  }
  PrunePlan finish() override { return {}; }
  TensorMap state() const override { return {{"mask", mask_.detach().clone()}}; }
  void load_state(const TensorMap& state) override {
    const at::NoGradGuard no_gradient;
    mask_.copy_(state.at("mask"));
  }

 private:
  at::Tensor mask_;
};

TEST(Compression, TrainsMasksUnderATeacherAndResumesWithTheSameBits) {
  const TemporaryFolder whole_folder, folder;
  ToySource source(10, 8);
  const auto whole = tiny_model(1);
  const auto whole_compressor = std::make_shared<MaskingCompressor>();
  CompressionObjective whole_objective(whole, whole_compressor, tiny_model(5), Precision::float32);
  train(model_options(whole_folder.path()), whole_objective, source);
  EXPECT_LT(whole_compressor->metrics().at("mask"), 0.9);

  TrainingOptions options = model_options(folder.path());
  int asked = 0;
  options.stop_requested = [&] { return ++asked == 17; };
  {
    CompressionObjective objective(tiny_model(1), std::make_shared<MaskingCompressor>(),
                                   tiny_model(5), Precision::float32);
    EXPECT_THROW(train(options, objective, source), Interrupted);
  }
  const auto resumed = tiny_model(1);
  const auto compressor = std::make_shared<MaskingCompressor>();
  CompressionObjective objective(resumed, compressor, tiny_model(5), Precision::float32);
  train(options, objective, source);
  EXPECT_TRUE(equal_states(*whole, *resumed));
  EXPECT_TRUE(at::equal(whole_compressor->state().at("mask"), compressor->state().at("mask")));
  EXPECT_EQ(records_without_timing(whole_folder.path()), records_without_timing(folder.path()));
}

TEST(Compression, NeedsAFittingTeacher) {
  const auto compressor = std::make_shared<MaskingCompressor>();
  EXPECT_THROW(CompressionObjective(tiny_model(1), compressor, nullptr, Precision::float32),
               ConfigError);
  const auto other = tiny_model(5);
  other->reset_classifier(3, {});
  EXPECT_THROW(CompressionObjective(tiny_model(1), compressor, other, Precision::float32),
               ConfigError);
}

/// A plugin with a mistake in its arithmetic.
class BrokenCompressor : public MaskingCompressor {
 public:
  at::Tensor loss(const TrainingStep& step) override {
    return step.student->logits.matmul(at::ones({77, 1})).sum();
  }
};

TEST(Compression, MistakesOfThePluginAreItsErrors) {
  CompressionObjective objective(tiny_model(1), std::make_shared<BrokenCompressor>(), tiny_model(5),
                                 Precision::float32);
  objective.begin({10, 10});
  try {
    objective.loss(ToySource(1, 8).batch(0, 0), 0);
    FAIL() << "accepted";
  } catch (const PluginError& problem) {
    EXPECT_THAT(problem.what(), HasSubstr("the compressor failed in 'loss': "));
    EXPECT_THAT(problem.what(), HasSubstr("mistake in the plugin"));
  }
}

TEST(VocabularyLosses, EqualTheReference) {
  const std::string folder = PRUMUX_TEST_DATA "/golden/mlm_gh_indexpos_n2";
  const auto model = model::load_model(folder + "/model");
  model->eval();
  const TensorMap golden = model::read_safetensors(folder + "/golden.safetensors");
  const at::NoGradGuard no_gradient;
  const auto encoded = model->encode({golden.at("input_ids"), golden.at("attention_mask"), {}}, {});
  const auto loss_of = [&](const VocabularyTargets& targets) {
    const at::Tensor logits = model->vocabulary_logits(encoded, targets.selection);
    return at::cross_entropy_loss(logits, targets.targets).item<double>();
  };
  EXPECT_NEAR(loss_of(retrieval_targets(encoded.rows, golden.at("instance_labels"), 2, 0, {})),
              golden.at("retrieval_loss").item<double>(), 5e-5);
  EXPECT_NEAR(loss_of(masked_lm_targets(golden.at("labels"), 2, 0)),
              golden.at("task_loss").item<double>(), 5e-5);
}

}  // namespace
}  // namespace prumux::train
