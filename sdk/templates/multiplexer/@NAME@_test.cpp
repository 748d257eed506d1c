#include "@NAME@.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace {

@NAME@::@CLASS@ multiplexer(std::int64_t instances, prumux::PaddingSemantics padding) {
  prumux::MultiplexerArguments arguments;
  arguments.encoder.hidden_size = 8;
  arguments.num_instances = instances;
  arguments.padding = padding;
  arguments.parameters.set("bias_range", 0.0);
  return @NAME@::@CLASS@(arguments);
}

TEST(@CLASS@, OneInstanceComesBackAsItWas) {
  auto method = multiplexer(1, prumux::PaddingSemantics::masked);
  const at::Tensor embeddings = at::randn({2, 1, 3, 8});
  const at::Tensor mixed = method.mux(embeddings, at::ones({2, 1, 3}));
  const at::Tensor separated = method.demux(mixed, at::arange(3));
  EXPECT_TRUE(at::allclose(separated, at::gelu(embeddings), 1e-5, 1e-6));
}

TEST(@CLASS@, PaddingDoesNotCount) {
  auto method = multiplexer(2, prumux::PaddingSemantics::masked);
  at::Tensor embeddings = at::randn({1, 2, 3, 8});
  at::Tensor mask = at::ones({1, 2, 3});
  mask[0][1][2] = 0;
  const at::Tensor mixed = method.mux(embeddings, mask);
  embeddings[0][1][2] += 100;
  EXPECT_TRUE(at::equal(mixed, method.mux(embeddings, mask)));
}

TEST(@CLASS@, SeparatesOnlyThePositionsThatAreWanted) {
  auto method = multiplexer(2, prumux::PaddingSemantics::attended);
  const at::Tensor hidden = at::randn({1, 4, 8});
  const at::Tensor one = method.demux(hidden, at::full({1}, 3, at::kLong));
  EXPECT_TRUE(at::allclose(one.select(2, 0), method.demux(hidden, at::arange(4)).select(2, 3)));
}

}  // namespace
