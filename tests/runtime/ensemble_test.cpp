#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include <filesystem>

#include "core/model/safetensors.h"
#include "core/runtime/schedule.h"
#include "core/runtime/token_engine.h"
#include "prumux/error.h"
#include "tests/support/distance.h"

namespace prumux::runtime {
namespace {

using test::distance;
using testing::HasSubstr;

constexpr double kReferenceTolerance = 3e-5;

/// A reference model and its rows, all of whose positions are tokens.
struct Golden {
  explicit Golden(const std::string& name)
      : folder(std::filesystem::path(PRUMUX_TEST_DATA) / "golden" / name),
        model(model::load_model(folder / "model")),
        numbers(model::read_safetensors(folder / "golden.safetensors")) {
    model->eval();
  }

  const at::Tensor& ids() const { return numbers.at("input_ids"); }

  EncodedRows rows() const {
    std::vector<text::Encoding> encodings;
    for (std::int64_t row = 0; row < ids().size(0); ++row) {
      text::Encoding& encoding = encodings.emplace_back();
      for (std::int64_t p = 0; p < ids().size(1); ++p) {
        encoding.ids.push_back(ids()[row][p].item<std::int32_t>());
      }
      encoding.type_ids.assign(encoding.ids.size(), 0);
    }
    return {std::move(encodings), 0};
  }

  EngineOptions options() const {
    EngineOptions options;
    options.attended_length = static_cast<std::size_t>(ids().size(1));
    return options;
  }

  /// The mean of each row's logits in the groups of an ensemble.
  at::Tensor mean_logits(std::int64_t members) const {
    const ScheduleOptions schedule{
        .num_instances = model->num_instances(), .sort_by_length = false, .ensemble = members};
    const std::vector<std::uint32_t> lengths(static_cast<std::size_t>(ids().size(0)), 9);
    std::vector<std::int64_t> order;
    for (const auto& batch : schedule_rows(lengths, schedule)) {
      order.insert(order.end(), batch.begin(), batch.end());
    }
    const at::Tensor index = at::tensor(order, at::kLong);
    const at::NoGradGuard no_gradient;
    const at::Tensor logits = model->forward({ids().index_select(0, index), {}, {}}).logits;
    std::vector<std::int64_t> shape = logits.sizes().vec();
    shape.front() = ids().size(0);
    return at::zeros(shape).index_add(0, index, logits) / static_cast<double>(members);
  }

  std::filesystem::path folder;
  std::shared_ptr<model::Model> model;
  TensorMap numbers;
};

TEST(Ensemble, GivesEachRowTheMeanOfItsGroups) {
  const Golden golden("seq_gh_indexpos_n2");
  EngineOptions options = golden.options();
  const at::Tensor alone = Engine(golden.model, options).logits(golden.rows());
  EXPECT_LT(distance(alone, golden.mean_logits(1)), kReferenceTolerance);
  options.ensemble = 5;
  const at::Tensor logits = Engine(golden.model, options).logits(golden.rows());
  EXPECT_LT(distance(logits, golden.mean_logits(5)), kReferenceTolerance);
  EXPECT_GT(distance(logits, alone), 1e-4) << "the groups are no others";
}

TEST(TokenEngine, GivesTheReferencesLogitsOfEveryToken) {
  for (const std::string name : {"tok_gh_indexpos_n2", "tok_gh_index_n2"}) {
    const Golden golden(name);
    const auto logits = TokenEngine(golden.model, golden.options()).logits(golden.rows());
    EXPECT_LT(distance(at::stack(logits), golden.numbers.at("logits")), kReferenceTolerance)
        << name;
  }
}

TEST(TokenEngine, GivesEachTokenTheMeanOfItsGroups) {
  const Golden golden("tok_gh_indexpos_n2");
  EngineOptions options = golden.options();
  options.ensemble = 4;
  const auto logits = TokenEngine(golden.model, options).logits(golden.rows());
  EXPECT_LT(distance(at::stack(logits), golden.mean_logits(4)), kReferenceTolerance);
}

TEST(TokenEngine, GroupsRowsInAnotherWayAsAMemberOfAnEnsembleDoes) {
  const Golden golden("tok_gh_indexpos_n2");
  const auto logits = [&](std::int64_t grouping, std::int64_t members) {
    EngineOptions options = golden.options();
    options.ensemble = members;
    return at::stack(TokenEngine(golden.model, options).logits(golden.rows(), grouping));
  };
  const at::Tensor first = logits(0, 1);
  const at::Tensor second = logits(1, 1);
  EXPECT_GT(distance(first, second), 1e-4) << "the groups are no others";
  EXPECT_LT(distance(logits(0, 2), (first + second) / 2), kReferenceTolerance);
}

TEST(TokenEngine, ReturnsAsManyRowsAsTheTextHasTokens) {
  std::vector<text::Encoding> encodings(2);
  encodings[0].ids = {2, 7, 8, 9, 3};
  encodings[1].ids = {2, 7, 3};
  for (text::Encoding& encoding : encodings) encoding.type_ids.assign(encoding.ids.size(), 0);
  const Golden golden("head_bert_tokens");
  const EncodedRows rows(std::move(encodings), 0);
  const auto logits = TokenEngine(golden.model, {}).logits(rows);
  ASSERT_EQ(logits.size(), 2U);
  EXPECT_EQ(logits[0].sizes(), at::IntArrayRef({5, 5}));
  EXPECT_EQ(logits[1].sizes(), at::IntArrayRef({3, 5}));
}

TEST(TokenEngine, RefusesWhatItCannotRun) {
  const auto error_of = [](const std::string& name, Precision precision) {
    EngineOptions options;
    options.precision = precision;
    try {
      const TokenEngine engine(Golden(name).model, options);
    } catch (const ConfigError& problem) {
      return std::string(problem.what());
    }
    return std::string("no error");
  };
  EXPECT_THAT(error_of("enc_bert", Precision::float32),
              HasSubstr("this model does not label words"));
  EXPECT_EQ(error_of("tok_gh_indexpos_n2", Precision::int8),
            "words are labelled in float32 or bfloat16, not in int8");
}

}  // namespace
}  // namespace prumux::runtime
