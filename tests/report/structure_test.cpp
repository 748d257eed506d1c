#include "core/report/structure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "prumux/error.h"
#include "tests/report/run_fixture.h"

namespace prumux::test {
namespace {

using report::ModelStructure;
using report::read_structure;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kConfig = R"({"hidden_size": 8, "intermediate_size": 10,
  "num_attention_heads": 2, "num_hidden_layers": 2, "pruned_heads": {"0": [0]}})";

/// 1 of 2 heads and 5 of 10 units in layer 0, nothing in layer 1; 6 of 8 hidden dimensions.
constexpr const char* kHeader = R"({"__metadata__": {"format": "pt"},
  "bert.encoder.layer.0.attention.self.query.weight": {"shape": [4, 6]},
  "bert.encoder.layer.0.intermediate.dense.weight": {"shape": [5, 6]},
  "bert.encoder.layer.0.output.LayerNorm.weight": {"shape": [6]},
  "bert.encoder.layer.1.output.LayerNorm.weight": {"shape": [6]}})";

class Structure : public ::testing::Test {
 protected:
  void write(const char* config, const char* header) const {
    folder_.write("config.json", config);
    write_safetensors_header(folder_.path() / "model.safetensors", header);
  }

  TemporaryFolder folder_;
};

TEST_F(Structure, IsReadFromTheShapesOfTheWeights) {
  write(kConfig, kHeader);
  const ModelStructure structure = read_structure(folder_.path()).value();
  EXPECT_EQ(structure.hidden, 6);
  EXPECT_EQ(structure.hidden_of, 8);
  EXPECT_TRUE(structure.heads_are_known);
  EXPECT_FALSE(structure.is_dense());
  EXPECT_THAT(structure.layers.at(0).heads, ElementsAre(false, true));
  EXPECT_EQ(structure.layers.at(0).intermediate, 5);
  EXPECT_THAT(structure.layers.at(1).heads, ElementsAre(false, false));
  EXPECT_EQ(structure.layers.at(1).intermediate, 0);
  // Dense: 4 x 8 x 8 + 2 x 8 x 10 = 416. Left: 4 x 4 x 6 + 2 x 5 x 6 = 156.
  EXPECT_NEAR(structure.weights_left(0), 156.0 / 416.0, 1e-12);
  EXPECT_EQ(structure.weights_left(1), 0.0);
}

TEST_F(Structure, KnowsTheRanksOfFactorisedWeights) {
  write(R"({"hidden_size": 8, "intermediate_size": 10, "num_attention_heads": 2,
            "num_hidden_layers": 1})",
        R"({"bert.encoder.layer.0.attention.self.query.weight": {"shape": [8, 3]},
            "bert.encoder.layer.0.attention.self.query.reduction.weight": {"shape": [3, 8]},
            "bert.encoder.layer.0.intermediate.dense.weight": {"shape": [10, 2]},
            "bert.encoder.layer.0.intermediate.dense.reduction.weight": {"shape": [2, 8]},
            "bert.encoder.layer.0.output.LayerNorm.weight": {"shape": [8]}})");
  const ModelStructure structure = read_structure(folder_.path()).value();
  EXPECT_FALSE(structure.is_dense());
  EXPECT_THAT(structure.layers.at(0).heads, ElementsAre(true, true));
  EXPECT_THAT(structure.layers.at(0).ranks, ElementsAre(testing::Pair("attention.self.query", 3),
                                                        testing::Pair("intermediate.dense", 2)));
  // Left: query 3 x (8 + 8), three whole of 8 x 8, 2 x (10 + 8) and 10 x 8.
  EXPECT_NEAR(structure.weights_left(0), (48.0 + 192.0 + 36.0 + 80.0) / 416.0, 1e-12);
}

TEST_F(Structure, SaysWhenOnlyTheNumberOfHeadsIsKnown) {
  write(R"({"hidden_size": 8, "intermediate_size": 10, "num_attention_heads": 2,
            "num_hidden_layers": 1})",
        kHeader);
  const ModelStructure structure = read_structure(folder_.path()).value();
  EXPECT_FALSE(structure.heads_are_known);
  EXPECT_THAT(structure.layers.at(0).heads, ElementsAre(true, false));
}

TEST_F(Structure, IsAbsentWithoutWeights) {
  EXPECT_FALSE(read_structure(folder_.path()).has_value());
  write(kConfig, "{}");
  EXPECT_FALSE(read_structure(folder_.path()).has_value());
}

TEST_F(Structure, OfADamagedModelIsRefused) {
  write(R"({"hidden_size": 8, "intermediate_size": 10, "num_attention_heads": 2,
            "num_hidden_layers": 1, "pruned_heads": {"0": [7]}})",
        kHeader);
  try {
    read_structure(folder_.path());
    FAIL() << "expected a DataError";
  } catch (const DataError& problem) {
    EXPECT_THAT(problem.what(), HasSubstr("'pruned_heads' beyond the heads"));
  }
  folder_.write("model.safetensors", std::string(8, '\x7f'));
  EXPECT_THROW(read_structure(folder_.path()), DataError);
  folder_.write("model.safetensors", "abc");
  EXPECT_THROW(read_structure(folder_.path()), IoError);
  write("{}", kHeader);
  EXPECT_THROW(read_structure(folder_.path()), DataError);
  write(R"({"hidden_size": 8, "intermediate_size": 10, "num_attention_heads": 0,
            "num_hidden_layers": -1})",
        kHeader);
  EXPECT_THROW(read_structure(folder_.path()), DataError);
}

}  // namespace
}  // namespace prumux::test
