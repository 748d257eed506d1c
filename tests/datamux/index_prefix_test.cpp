#include <gmock/gmock.h>

#include "prumux/error.h"
#include "support.h"

namespace prumux::datamux {
namespace {

using testing::ThrowsMessage;

MultiplexerArguments prefix_arguments(std::int64_t num_instances) {
  MultiplexerArguments arguments = small_arguments(num_instances);
  arguments.parameters.set("demuxing_variant", std::string("index"));
  return arguments;
}

at::Tensor table(std::vector<std::int64_t> values, std::int64_t rows) {
  return torch::tensor(values, at::kLong).view({rows, -1});
}

TEST(IndexPrefix, EditedRowsBeginWithPrefixAndClassificationToken) {
  const DataMultiplexer multiplexer(prefix_arguments(2));
  const TokenRows rows{table({101, 7, 101, 8, 101, 9, 101, 0}, 4),
                       table({1, 1, 1, 1, 1, 1, 1, 0}, 4)};
  const TokenRows edited = multiplexer.edit_tokens(rows);
  EXPECT_TRUE(at::equal(edited.input_ids, table({678, 680, 101, 101, 7,   //
                                                 680, 677, 101, 101, 8,   //
                                                 678, 680, 101, 101, 9,   //
                                                 680, 677, 101, 101, 0},  //
                                                4)));
  EXPECT_TRUE(at::equal(edited.attention_mask,
                        table({1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0}, 4)));
  EXPECT_EQ(multiplexer.prefix_length(), 3);
  EXPECT_EQ(multiplexer.classification_position(), 2);
}

TEST(IndexPrefix, SelectedPositionsEqualThoseOfTheWholeSequence) {
  const auto multiplexer = make_random(prefix_arguments(3));
  const at::Tensor hidden = at::randn({2, 7, 8});
  const at::Tensor positions = indices({6, 3, 4});
  const at::Tensor all = multiplexer->demux(hidden, at::arange(7));
  EXPECT_EQ(all.sizes(), at::IntArrayRef({2, 3, 7, 8}));
  EXPECT_LT(distance(multiplexer->demux(hidden, positions), all.index_select(2, positions)), 1e-6);
}

TEST(IndexPrefix, ASequenceShorterThanThePrefixIsRefused) {
  DataMultiplexer multiplexer(prefix_arguments(3));
  EXPECT_THAT(
      [&] {
        multiplexer.demux(at::zeros({1, 3, 8}), indices({0}));
      },
      ThrowsMessage<DataError>("datamux: the hidden states have 3 positions, expected at "
                               "least the prefix of 4"));
}

TEST(IndexPrefix, AnOutputLayerFollowsWhatIsSeparated) {
  const auto plain = make_random(prefix_arguments(2));
  MultiplexerArguments arguments = prefix_arguments(2);
  arguments.parameters.set("demux_output_layer", true);
  const auto multiplexer = make_random(arguments);
  load(*multiplexer, state(*plain));
  const at::Tensor hidden = at::randn({2, 5, 8});
  const at::Tensor expected =
      at::gelu(at::linear(plain->demux(hidden, indices({2})),
                          tensor(*multiplexer, "demultiplexer.dense_before_out_proj.weight"),
                          tensor(*multiplexer, "demultiplexer.dense_before_out_proj.bias")));
  EXPECT_LT(distance(multiplexer->demux(hidden, indices({2})), expected), 1e-6);
}

}  // namespace
}  // namespace prumux::datamux
