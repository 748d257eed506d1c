#include <gmock/gmock.h>

#include <random>

#include "core/model/export.h"
#include "core/model/layer.h"
#include "prumux/current_structure.h"
#include "prumux/error.h"
#include "support.h"
#include "tests/support/error_of.h"
#include "tests/support/random_ranks.h"

// Models with weights that are products of two.

namespace prumux::model {
namespace {

using test::error_of;
using test::random_ranks;
using testing::HasSubstr;

constexpr const char* kQuery = "bert.encoder.layer.0.attention.self.query.weight";
constexpr const char* kQueryReduction =
    "bert.encoder.layer.0.attention.self.query.reduction.weight";

class View : public ModelView {
 public:
  explicit View(const Model& model) : model_(model) {}
  const EncoderConfig& encoder() const override { return model_.config().encoder; }
  std::int64_t num_instances() const override { return model_.num_instances(); }
  NamedTensors parameters() const override { return model_.checkpoint_parameters(); }

 private:
  const Model& model_;
};

ModelInputs golden_inputs() { return inputs_of(golden("enc_bert")); }

/// Eckart and Young (1936): what the nearest matrix of a rank leaves is the singular values behind.
TEST(Factorise, GivesTheNearestProduct) {
  at::manual_seed(1);
  for (const std::int64_t rank : {1, 3, 6}) {
    const Affine dense{at::randn({6, 10}), at::randn({6})};
    const Affine product = factorise(dense, rank);
    ASSERT_EQ(product.weight.sizes(), (std::vector<std::int64_t>{6, rank}));
    ASSERT_EQ(product.reduction.sizes(), (std::vector<std::int64_t>{rank, 10}));
    const double left =
        (dense.weight - product.weight.matmul(product.reduction)).square().sum().item<double>();
    const at::Tensor values = at::linalg_svdvals(dense.weight);
    EXPECT_NEAR(left, values.slice(0, rank).square().sum().item<double>(), 1e-4);
    EXPECT_TRUE(product.bias.equal(dense.bias));
  }
}

TEST(FactorisedModel, ComputesTheSameAtFullRank) {
  const auto model = golden_model("enc_bert");
  const at::Tensor dense = logits_of(*model, golden_inputs());
  std::map<std::string, std::int64_t> ranks;
  for (const auto& [name, tensor] : model->checkpoint_parameters()) {
    if (name.find("encoder.layer.") == std::string::npos || tensor.dim() != 2) continue;
    ranks[name] = std::min(tensor.size(0), tensor.size(1));
  }
  ASSERT_FALSE(model->physically_pruned());
  model->factorise(ranks);
  EXPECT_TRUE(model->physically_pruned());
  EXPECT_LT(distance(logits_of(*model, golden_inputs()), dense), kPruningTolerance);
}

TEST(FactorisedModel, TrainsBothFactors) {
  const auto model = golden_model("enc_bert");
  model->factorise({{kQuery, 2}});
  model->forward(golden_inputs()).logits.sum().backward();
  std::size_t found = 0;
  for (const auto& [name, tensor] : model->checkpoint_parameters()) {
    if (name != kQuery && name != kQueryReduction) continue;
    ++found;
    EXPECT_GT(tensor.grad().abs().max().item<double>(), 0.0) << name;
  }
  EXPECT_EQ(found, 2U);
}

TEST(FactorisedModel, ComesBackFromItsCheckpointBitForBit) {
  const auto model = golden_model("prune_mux_n2");
  std::mt19937 random(3);
  model->factorise(random_ranks(model->checkpoint_parameters(), 0.5, random));
  const TemporaryFolder folder;
  save_model(*model, folder.path());
  const auto loaded = load_model(folder.path());
  const TensorMap expected = model->state();
  const TensorMap actual = loaded->state();
  ASSERT_EQ(expected.size(), actual.size());
  for (const auto& [name, tensor] : expected) EXPECT_TRUE(tensor.equal(actual.at(name))) << name;
}

TEST(FactorisedModel, TakesADenseStateAgain) {
  const auto model = golden_model("enc_bert");
  const TensorMap dense = model->state();
  const at::Tensor expected = logits_of(*model, golden_inputs());
  model->factorise({{kQuery, 2}});
  model->load_state(dense);
  EXPECT_TRUE(logits_of(*model, golden_inputs()).equal(expected));
}

TEST(FactorisedModel, ShowsThatItIsNotDense) {
  const auto model = golden_model("enc_bert");
  require_dense(View(*model), "a method");
  model->factorise({{kQuery, 2}});
  const CurrentStructure structure = CurrentStructure::of(View(*model));
  EXPECT_TRUE(structure.factorised);
  EXPECT_EQ(structure.hidden, model->config().encoder.hidden_size);
  EXPECT_THAT(error_of<DataError>([&] { require_dense(View(*model), "a method"); }),
              HasSubstr("or factorised weights"));
}

TEST(FactorisedModel, RefusesRanksThatItCannotHave) {
  const auto model = golden_model("enc_bert");
  const auto error = [&](const std::string& name, std::int64_t rank) {
    return error_of<DataError>([&] { model->factorise({{name, rank}}); });
  };
  EXPECT_THAT(error("bert.pooler.dense.weight", 2),
              HasSubstr("no layer of the model has such a weight"));
  EXPECT_THAT(error(kQuery, 0), HasSubstr("with rank 0 - expected 1 to "));
  EXPECT_THAT(error(kQuery, 100000), HasSubstr("with rank 100000 - expected 1 to "));
  model->factorise({{kQuery, 2}});
  EXPECT_THAT(error(kQuery, 2), HasSubstr("is factorised already"));
}

TEST(FactorisedModel, RefusesAReductionOfAnotherShape) {
  const auto model = golden_model("enc_bert");
  model->factorise({{kQuery, 2}});
  TensorMap state = model->state();
  state.at(kQueryReduction) = at::zeros({2, 3});
  EXPECT_THAT(error_of<DataError>([&] { model->load_state(state); }),
              HasSubstr("query.reduction.weight"));
  state.at(kQueryReduction) = at::zeros({3, model->config().encoder.hidden_size});
  EXPECT_THAT(error_of<DataError>([&] { model->load_state(state); }), HasSubstr(kQuery));
}

TEST(FactorisedModel, HasNoFormInTheReferenceProjects) {
  const auto model = golden_model("enc_bert");
  model->factorise({{kQuery, 2}});
  const TemporaryFolder folder;
  EXPECT_THAT(error_of<DataError>([&] { save_hugging_face(*model, folder.path()); }),
              HasSubstr("factorised weights"));
}

}  // namespace
}  // namespace prumux::model
