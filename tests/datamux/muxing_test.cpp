#include <gmock/gmock.h>

#include "prumux/error.h"
#include "support.h"

namespace prumux::datamux {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

/// One group of two instances, three positions, width 2.
struct WorkedExample {
  at::Tensor embeddings = torch::tensor({1.0F, 1.0F, 1.0F, 1.0F, 5.0F, 5.0F,   // instance 0
                                         2.0F, 4.0F, 7.0F, 7.0F, 5.0F, 5.0F})  // instance 1
                              .view({1, 2, 3, 2});
  // Position 0: both; position 1: instance 0; position 2: nobody.
  at::Tensor mask = torch::tensor({1, 1, 0, 1, 0, 0}, at::kLong).view({1, 2, 3});

  at::Tensor mux(PaddingSemantics padding) const {
    MultiplexerArguments arguments = small_arguments(2, 2);
    arguments.padding = padding;
    DataMultiplexer multiplexer(arguments);
    load(multiplexer,
         {{"instance_embedding", torch::tensor({1.0F, 2.0F, 3.0F, -1.0F}).view({2, 2})}});
    return multiplexer.mux(embeddings, mask);
  }
};

TEST(Muxing, AttendedPaddingTakesTheMeanOverAllInstances) {
  // ([1, 2] + [6, -4]) / 2; ([1, 2] + [21, -7]) / 2; ([5, 10] + [15, -5]) / 2.
  const at::Tensor expected =
      torch::tensor({3.5F, -1.0F, 11.0F, -2.5F, 10.0F, 2.5F}).view({1, 3, 2});
  EXPECT_LT(distance(WorkedExample().mux(PaddingSemantics::attended), expected), 1e-6);
}

TEST(Muxing, MaskedPaddingTakesTheMeanOverInstancesWithAToken) {
  const at::Tensor expected = torch::tensor({3.5F, -1.0F, 1.0F, 2.0F, 0.0F, 0.0F}).view({1, 3, 2});
  EXPECT_LT(distance(WorkedExample().mux(PaddingSemantics::masked), expected), 1e-6);
}

TEST(Muxing, AttendedPaddingNeedsNoMask) {
  DataMultiplexer multiplexer(small_arguments(2));
  EXPECT_EQ(multiplexer.mux(at::randn({3, 2, 5, 8}), {}).sizes(), at::IntArrayRef({3, 5, 8}));
}

TEST(Muxing, FreshInstanceVectorsHaveTheConfiguredNorm) {
  MultiplexerArguments arguments = small_arguments(5, 64);
  arguments.parameters.set("gaussian_hadamard_norm", 20.0);
  const DataMultiplexer multiplexer(arguments);
  const at::Tensor norms = tensor(multiplexer, "instance_embedding").norm(2, 1);
  EXPECT_LT(distance(norms, at::full({5}, 20.0)), 1e-4);
}

TEST(Muxing, InstanceVectorsAreTrainedOnlyWhenMuxingIsLearned) {
  MultiplexerArguments arguments = small_arguments(2);
  EXPECT_FALSE(tensor(DataMultiplexer(arguments), "instance_embedding").requires_grad());
  arguments.parameters.set("learn_muxing", true);
  EXPECT_TRUE(tensor(DataMultiplexer(arguments), "instance_embedding").requires_grad());
}

TEST(Muxing, OneInstanceIsScaledByItsVector) {
  const auto multiplexer = make_random(small_arguments(1));
  const at::Tensor embeddings = at::randn({3, 1, 4, 8});
  const at::Tensor expected =
      embeddings.squeeze(1) * tensor(*multiplexer, "instance_embedding").view({1, 1, 8});
  EXPECT_LT(distance(multiplexer->mux(embeddings, {}), expected), 1e-6);
}

TEST(Muxing, GroupsDoNotInfluenceEachOther) {
  MultiplexerArguments arguments = small_arguments(3);
  arguments.padding = PaddingSemantics::masked;
  const auto multiplexer = make_random(arguments);
  const at::Tensor embeddings = at::randn({4, 3, 5, 8});
  const at::Tensor mask = at::randint(0, 2, {4, 3, 5}, at::kLong);
  const at::Tensor order = indices({2, 0, 3, 1});
  const at::Tensor permuted =
      multiplexer->mux(embeddings.index_select(0, order), mask.index_select(0, order));
  EXPECT_LT(distance(permuted, multiplexer->mux(embeddings, mask).index_select(0, order)), 1e-6);
}

TEST(Muxing, NamesTheShapeOfEmbeddingsThatDoNotFit) {
  DataMultiplexer multiplexer(small_arguments(2));
  EXPECT_THAT(
      [&] {
        multiplexer.mux(at::zeros({1, 3, 4, 8}), {});
      },
      ThrowsMessage<DataError>("datamux: the embeddings have shape [1, 3, 4, 8], expected "
                               "[groups, 2, positions, width]"));
  EXPECT_THAT(
      [&] {
        multiplexer.mux(at::zeros({1, 2, 4, 7}), {});
      },
      ThrowsMessage<DataError>("datamux: the embeddings have width 7, expected 8"));
}

TEST(Muxing, NamesTheShapeOfAMaskThatDoesNotFit) {
  MultiplexerArguments arguments = small_arguments(2);
  arguments.padding = PaddingSemantics::masked;
  DataMultiplexer multiplexer(arguments);
  EXPECT_THAT(
      [&] {
        multiplexer.mux(at::zeros({1, 2, 4, 8}), at::ones({1, 2, 3}, at::kLong));
      },
      ThrowsMessage<DataError>(HasSubstr("attention mask has shape [1, 2, 3], expected "
                                         "[1, 2, 4]")));
  EXPECT_THAT(
      [&] {
        multiplexer.mux(at::zeros({1, 2, 4, 8}), {});
      },
      ThrowsMessage<DataError>(HasSubstr("attention mask is missing")));
}

}  // namespace
}  // namespace prumux::datamux
