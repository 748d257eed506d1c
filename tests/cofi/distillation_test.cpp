#include "distillation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "fixtures.h"
#include "golden.h"
#include "prumux/error.h"
#include "prumux/logit_distillation.h"

namespace prumux::cofi {
namespace {

const EncoderConfig kGoldenEncoder = encoder_of(16, 24, 2, 12);

ForwardRecord record_of(const TensorMap& golden, const std::string& who) {
  ForwardRecord record;
  record.logits = golden.at(who + "_logits");
  record.hidden_states = golden.at(who + "_hidden").unbind(0);
  return record;
}

TrainingStep step_of(const ForwardRecord& student, const ForwardRecord& teacher) {
  TrainingStep step;
  step.student = &student;
  step.teacher = &teacher;
  step.task_loss = torch::tensor(7.0);
  return step;
}

ForwardRecord random_record(std::int64_t rows, std::int64_t groups, std::int64_t width,
                            std::int64_t layers) {
  ForwardRecord record;
  record.logits = torch::randn({rows, 3});
  for (std::int64_t state = 0; state <= layers; ++state) {
    record.hidden_states.push_back(torch::randn({groups, 5, width}));
  }
  return record;
}

class GoldenDistillation : public testing::TestWithParam<std::tuple<int, const char*, Matching>> {};

TEST_P(GoldenDistillation, LossesAreTheReferences) {
  const auto& [version, masks_name, matching] = GetParam();
  const std::string name = "v" + std::to_string(version) + "." + masks_name;
  const TensorMap golden = golden_tensors("distill");
  const nlohmann::json expected = golden_scalars("distill").at("results").at(name);
  DistillationOptions options;
  options.version = static_cast<AlignmentVersion>(version);
  options.matching = matching;
  Distillation distillation(options, FakeModel(kGoldenEncoder));
  for (const auto& [parameter, tensor] : distillation.state()) {
    if (golden.contains(parameter)) assign(tensor, golden.at(parameter));
  }
  const ForwardRecord student = record_of(golden, "student");
  const ForwardRecord teacher = record_of(golden, "teacher");
  StructureMasks masks;
  if (golden.contains("zs." + std::string(masks_name) + ".mlp_z")) {
    masks.head_layer = golden.at("zs." + std::string(masks_name) + ".head_layer_z");
    masks.mlp = golden.at("zs." + std::string(masks_name) + ".mlp_z");
  }
  TrainingStep step = step_of(student, teacher);
  step.masks = &masks;
  const at::Tensor loss = distillation.loss(step);
  const auto metrics = distillation.metrics();
  EXPECT_NEAR(metrics.at("layer_loss"), expected.at("layer_loss").get<double>(), 5e-5);
  EXPECT_NEAR(metrics.at("ce_loss"), expected.at("ce_loss").get<double>(), 5e-5);
  EXPECT_NEAR(loss.item<double>(), expected.at("total").get<double>(), 5e-5);
}

std::string case_name(const testing::TestParamInfo<std::tuple<int, const char*, Matching>>& info) {
  const auto& [version, masks, matching] = info.param;
  return "v" + std::to_string(version) + "_" + masks +
         (matching == Matching::reference ? "_ref" : "_fixed");
}

INSTANTIATE_TEST_SUITE_P(SameLayer, GoldenDistillation,
                         testing::Combine(testing::Values(2), testing::Values("all", "some", "few"),
                                          testing::Values(Matching::reference, Matching::fixed)),
                         case_name);
INSTANTIATE_TEST_SUITE_P(Closest, GoldenDistillation,
                         testing::Combine(testing::Values(3),
                                          testing::Values("none", "all", "some", "few"),
                                          testing::Values(Matching::reference, Matching::fixed)),
                         case_name);
INSTANTIATE_TEST_SUITE_P(ClosestOrdered, GoldenDistillation,
                         testing::Combine(testing::Values(4),
                                          testing::Values("none", "all", "some", "few"),
                                          testing::Values(Matching::reference)),
                         case_name);
INSTANTIATE_TEST_SUITE_P(ClosestOrderedWhereBothAgree, GoldenDistillation,
                         testing::Combine(testing::Values(4), testing::Values("none", "all"),
                                          testing::Values(Matching::fixed)),
                         case_name);

TEST(LogitDistillation, IsTheDivergenceOfSoftenedDistributions) {
  // Teacher (1/2, 1/2), student (1/4, 3/4): KL = ln(2)/2 + ln(2/3)/2 = 0.1438410; the second row
  // agrees, so that the mean over rows is half of it. Twice the logits at T = 2: times 4.
  const at::Tensor student = torch::tensor({{0.0, std::log(3.0)}, {1.0, 1.0}});
  const at::Tensor teacher = torch::tensor({{4.0, 4.0}, {2.0, 2.0}});
  EXPECT_NEAR(logit_distillation(student, teacher, 1).item<double>(), 0.0719205, 1e-6);
  EXPECT_NEAR(logit_distillation(student * 2, teacher, 2).item<double>(), 4 * 0.0719205, 1e-6);
}

TEST(LogitDistillation, OfARegressionIsTheSquaredError) {
  const at::Tensor loss =
      logit_distillation(torch::tensor({{1.0}, {2.0}}), torch::tensor({{2.0}, {5.0}}), 2);
  EXPECT_NEAR(loss.item<double>(), 5.0, 1e-6);
}

TEST(Distillation, TeacherOfOtherGroupsTeachesItsLogitsOnly) {
  torch::manual_seed(0);
  Distillation distillation({}, FakeModel(kGoldenEncoder));
  const ForwardRecord student = random_record(4, 2, 16, 12);
  const ForwardRecord teacher = random_record(4, 4, 16, 12);
  const double loss = distillation.loss(step_of(student, teacher)).item<double>();
  const double logits = logit_distillation(student.logits, teacher.logits, 2).item<double>();
  EXPECT_NEAR(loss, 0.1 * logits, 1e-6);
  EXPECT_EQ(distillation.metrics().at("layer_distillation_skipped"), 1.0);
  EXPECT_FALSE(distillation.metrics().contains("layer_loss"));
}

TEST(Distillation, NothingToDistilIsAnError) {
  DistillationOptions options;
  options.alpha_ce = 0;
  Distillation distillation(options, FakeModel(kGoldenEncoder));
  const ForwardRecord student = random_record(4, 2, 16, 12);
  const ForwardRecord teacher = random_record(4, 4, 16, 12);
  EXPECT_THAT(error_of<DataError>([&] { distillation.loss(step_of(student, teacher)); }),
              testing::HasSubstr("give alpha_ce a positive weight"));
  TrainingStep without_teacher = step_of(student, teacher);
  without_teacher.teacher = nullptr;
  EXPECT_THAT(error_of<DataError>([&] { distillation.loss(without_teacher); }),
              testing::HasSubstr("name a teacher, or set distill: false"));
}

TEST(Distillation, AddsTheTaskLossByItsWeight) {
  DistillationOptions options;
  options.alpha_layer = 0;
  options.alpha_task = 0.5;
  Distillation distillation(options, FakeModel(kGoldenEncoder));
  EXPECT_FALSE(distillation.needs_hidden_states());
  EXPECT_TRUE(distillation.parameter_groups().empty());
  const ForwardRecord same = random_record(4, 2, 16, 0);
  EXPECT_NEAR(distillation.loss(step_of(same, same)).item<double>(), 3.5, 1e-5);
}

TEST(Distillation, TeacherMayBeDeeperThanTheStudent) {
  torch::manual_seed(0);
  DistillationOptions options;
  options.alpha_ce = 0;
  options.alpha_layer = 1;
  Distillation distillation(options, FakeModel(encoder_of(16, 24, 2, 3)));
  const ForwardRecord teacher = random_record(4, 2, 16, 12);
  ForwardRecord student = random_record(4, 2, 16, 3);
  // Layers 1 to 3 are the teacher's 6, 9 and 12: three quarters of four are met exactly.
  for (const std::size_t layer : {1, 2, 3}) {
    student.hidden_states[layer] = teacher.hidden_states[3 + 3 * layer];
  }
  const double expected =
      torch::mse_loss(teacher.hidden_states[3], student.hidden_states[1]).item<double>();
  EXPECT_NEAR(distillation.loss(step_of(student, teacher)).item<double>(), expected, 1e-5);
}

TEST(Distillation, MapOfANarrowerStudentStartsAtTheLeastSquaresSolution) {
  torch::manual_seed(0);
  const EncoderConfig encoder = encoder_of(16, 24, 2, 4);
  const FakeModel pruned(encoder, std::vector<FakeLayer>(4, FakeLayer{1, 5}), 10);
  Distillation distillation({}, pruned);
  const at::Tensor map = torch::randn({10, 16});
  const ForwardRecord student = random_record(16, 8, 10, 4);
  ForwardRecord teacher;
  teacher.logits = student.logits;
  for (const at::Tensor& hidden : student.hidden_states) {
    teacher.hidden_states.push_back(hidden.matmul(map));
  }
  distillation.loss(step_of(student, teacher));
  EXPECT_LT(distillation.metrics().at("layer_loss"), 1e-3);
  EXPECT_LT(difference(distillation.state()[0].second, map.t()), 0.02);
}

TEST(Distillation, GradientsReachStudentAndTransformation) {
  torch::manual_seed(0);
  Distillation distillation({}, FakeModel(kGoldenEncoder));
  ForwardRecord student = random_record(4, 2, 16, 12);
  for (at::Tensor& hidden : student.hidden_states) hidden.requires_grad_();
  student.logits.requires_grad_();
  const ForwardRecord teacher = random_record(4, 2, 16, 12);
  distillation.loss(step_of(student, teacher)).backward();
  EXPECT_TRUE(student.logits.grad().defined());
  for (const ParameterGroup& group : distillation.parameter_groups()) {
    EXPECT_TRUE(group.clip_with_model);
    EXPECT_FALSE(group.learning_rate.has_value());
    for (const auto& [name, tensor] : group.parameters) {
      EXPECT_GT(tensor.grad().abs().sum().item<double>(), 0) << name;
    }
  }
}

}  // namespace
}  // namespace prumux::cofi
