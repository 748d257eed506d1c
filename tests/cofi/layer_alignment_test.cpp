#include "layer_alignment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "golden.h"

namespace prumux::cofi {
namespace {

using testing::ElementsAre;

std::vector<std::int64_t> student_layers(const std::vector<LayerPair>& pairs) {
  std::vector<std::int64_t> layers;
  for (const LayerPair& pair : pairs) layers.push_back(pair.student);
  return layers;
}

std::vector<bool> existing(const TensorMap& golden, const std::string& masks) {
  std::vector<bool> exists;
  const auto found = golden.find("zs." + masks + ".head_layer_z");
  if (found == golden.end()) return exists;
  for (std::int64_t layer = 0; layer < 12; ++layer) {
    exists.push_back(found->second[layer].item<float>() != 0);
  }
  return exists;
}

/// The teacher's layers that the reference drew, the first of them moved up as it does.
std::vector<std::int64_t> drawn_layers(const nlohmann::json& result, int version) {
  std::vector<std::int64_t> layers;
  for (const auto& draw : result.at("sampled")) {
    for (const auto& layer : draw) layers.push_back(layer);
  }
  if (version == 5) std::sort(layers.begin(), layers.end());
  layers[0] = std::max<std::int64_t>(layers[0], 2);
  return layers;
}

TEST(LayerAlignment, AgreesWithTheReferenceInEveryVersionAndMaskCase) {
  const TensorMap golden = golden_tensors("distill");
  const at::Tensor& distances = golden.at("mse_matrix_teacher_by_student");
  for (const int version : {3, 4, 5, 6}) {
    for (const std::string masks : {"none", "all", "some", "few"}) {
      const nlohmann::json result =
          golden_scalars("distill").at("results").at("v" + std::to_string(version) + "." + masks);
      const std::vector<std::int64_t> layers =
          version < 5 ? quarter_layers(12) : drawn_layers(result, version);
      const std::vector<LayerPair> pairs =
          align_layers(static_cast<AlignmentVersion>(version), Matching::reference, layers,
                       distances.index_select(0, torch::tensor(layers)), existing(golden, masks));
      double loss = 0;
      for (const LayerPair& pair : pairs) {
        loss += distances[pair.teacher][pair.student].item<double>();
      }
      EXPECT_NEAR(loss, result.at("layer_loss").get<double>(), 5e-5) << version << masks;
    }
  }
}

TEST(LayerAlignment, FixedMatchingTestsTheCandidatesOwnLayer) {
  const TensorMap golden = golden_tensors("distill");
  const std::vector<std::int64_t> layers = {2, 5, 8, 11};
  const at::Tensor distances =
      golden.at("mse_matrix_teacher_by_student").index_select(0, torch::tensor(layers));
  const auto align = [&](const std::string& masks) {
    return student_layers(align_layers(AlignmentVersion::closest_ordered, Matching::fixed, layers,
                                       distances, existing(golden, masks)));
  };
  // From the independent re-implementation of the specification.
  EXPECT_THAT(align("none"), ElementsAre(2, 6, 10, 11));
  EXPECT_THAT(align("some"), ElementsAre(2, 6, 9, 11));
  EXPECT_THAT(align("few"), ElementsAre(3, 3, 3, 7));
}

TEST(LayerAlignment, LeavesOutTeacherLayersWhenNoStudentLayerExists) {
  const at::Tensor distances = torch::rand({2, 4});
  EXPECT_TRUE(align_layers(AlignmentVersion::closest_ordered, Matching::fixed, {1, 3}, distances,
                           std::vector<bool>(4, false))
                  .empty());
}

TEST(LayerAlignment, NeverCrosses) {
  // The last teacher layer is closest to student layer 1; then only layer 0 is left.
  const at::Tensor distances = torch::tensor({{3.0, 2.0, 1.0}, {2.0, 1.0, 3.0}});
  EXPECT_THAT(student_layers(align_layers(AlignmentVersion::closest_ordered, Matching::fixed,
                                          {0, 2}, distances, {})),
              ElementsAre(0, 1));
  EXPECT_THAT(student_layers(
                  align_layers(AlignmentVersion::closest, Matching::fixed, {0, 2}, distances, {})),
              ElementsAre(2, 1));
}

TEST(LayerAlignment, TakesTheQuartersOfAnyDepth) {
  EXPECT_THAT(quarter_layers(12), ElementsAre(2, 5, 8, 11));
  EXPECT_THAT(quarter_layers(24), ElementsAre(5, 11, 17, 23));
  EXPECT_THAT(quarter_layers(6), ElementsAre(0, 2, 3, 5));
  EXPECT_THAT(quarter_layers(4), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(quarter_layers(3), ElementsAre(0, 1, 2));
  EXPECT_THAT(quarter_layers(2), ElementsAre(0, 1));
  EXPECT_THAT(quarter_layers(1), ElementsAre(0));
}

TEST(LayerAlignment, DrawsFourDistinctLayersOrOneFromEachWindow) {
  torch::manual_seed(0);
  for (int draw = 0; draw < 100; ++draw) {
    const auto layers = distilled_layers(AlignmentVersion::random_layers, 12);
    ASSERT_EQ(layers.size(), 4U);
    EXPECT_GE(layers[0], 2);
    EXPECT_LT(layers[1], layers[2]);
    EXPECT_LT(layers[2], layers[3]);
    EXPECT_LT(layers[3], 12);
    const auto windows = distilled_layers(AlignmentVersion::random_windows, 12);
    ASSERT_EQ(windows.size(), 4U);
    EXPECT_EQ(windows[0], 2);
    for (std::size_t window = 1; window < 4; ++window) {
      EXPECT_EQ(windows[window] / 3, static_cast<std::int64_t>(window));
    }
  }
}

}  // namespace
}  // namespace prumux::cofi
