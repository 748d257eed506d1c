#include <gtest/gtest.h>

#include <cmath>

#include "support.h"

namespace prumux::datamux {
namespace {

MultiplexerArguments orthogonal(PaddingSemantics padding) {
  MultiplexerArguments arguments = small_arguments(3);
  arguments.padding = padding;
  arguments.parameters.set("muxing_variant", std::string("random_ortho"));
  return arguments;
}

TEST(RandomOrthogonal, FreshMatricesAreOrthogonalAndDiffer) {
  const at::Tensor matrices =
      tensor(DataMultiplexer(orthogonal(PaddingSemantics::attended)), "instance_embedding");
  const at::Tensor products = at::matmul(matrices, matrices.transpose(1, 2));
  EXPECT_LT(distance(products, at::eye(8).expand({3, 8, 8})), 1e-5);
  EXPECT_GT(distance(matrices[0], matrices[1]), 0.1);
}

TEST(RandomOrthogonal, AddsTheRotatedInstancesOverTheRootOfTheirNumber) {
  const auto multiplexer = make_random(orthogonal(PaddingSemantics::attended));
  const at::Tensor matrices = tensor(*multiplexer, "instance_embedding");
  const at::Tensor embeddings = at::randn({2, 3, 4, 8});
  const at::Tensor mixed = multiplexer->mux(embeddings, {});
  at::Tensor expected = at::zeros({8});
  for (std::int64_t i = 0; i < 3; ++i) {
    expected += at::mv(matrices[i], embeddings[1][i][2]);
  }
  EXPECT_LT(distance(mixed[1][2], expected / std::sqrt(3.0)), 1e-5);
}

TEST(RandomOrthogonal, MaskedPaddingCountsInstancesWithAToken) {
  const auto multiplexer = make_random(orthogonal(PaddingSemantics::masked));
  const at::Tensor matrices = tensor(*multiplexer, "instance_embedding");
  const at::Tensor embeddings = at::randn({1, 3, 2, 8});
  const at::Tensor mask = torch::tensor({1, 0, 0, 0, 1, 0}, at::kLong).view({1, 3, 2});
  const at::Tensor mixed = multiplexer->mux(embeddings, mask);
  const at::Tensor expected =
      (at::mv(matrices[0], embeddings[0][0][0]) + at::mv(matrices[2], embeddings[0][2][0])) /
      std::sqrt(2.0);
  EXPECT_LT(distance(mixed[0][0], expected), 1e-5);
  EXPECT_EQ(mixed[0][1].abs().max().item<double>(), 0.0);
}

TEST(RandomOrthogonalLowRank, GivesTheInstancesImagesThatAreOrthogonalBeforeTheSharedRotation) {
  MultiplexerArguments arguments = orthogonal(PaddingSemantics::attended);
  arguments.parameters.set("muxing_variant", std::string("random_ortho_low_rank"));
  const at::Tensor matrices = tensor(DataMultiplexer(arguments), "instance_embedding");
  // 8 dimensions for 3 instances: each G_i is a partial isometry of rank 2.
  for (std::int64_t i = 0; i < 3; ++i) {
    const at::Tensor gram = at::matmul(matrices[i].t(), matrices[i]);
    EXPECT_LT(distance(at::matmul(gram, gram), gram), 1e-5);
    EXPECT_NEAR(gram.trace().item<double>(), 2.0, 1e-5);
    for (std::int64_t j = 0; j < i; ++j) {
      EXPECT_LT(at::matmul(matrices[i].t(), matrices[j]).abs().max().item<double>(), 1e-5);
      EXPECT_LT(at::matmul(matrices[i], matrices[j].t()).abs().max().item<double>(), 1e-5);
    }
  }
}

}  // namespace
}  // namespace prumux::datamux
