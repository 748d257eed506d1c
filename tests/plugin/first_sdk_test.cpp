#include <torch/types.h>

#include "core/plugin/fingerprint_reader.h"
#include "core/plugin/parameter_parser.h"
#include "core/plugin/registry.h"
#include "fixtures.h"
#include "prumux/error.h"

// A plugin that was written and built against the first headers of the SDK.

namespace prumux::plugin {
namespace {

class FirstSdk : public PluginFolderTest {
 protected:
  void SetUp() override {
    PluginFolderTest::SetUp();
    add("first_sdk");
    registry_.emplace(std::vector{folder()});
  }

  std::shared_ptr<Multiplexer> multiplexer() {
    MultiplexerArguments arguments;
    arguments.encoder.hidden_size = 4;
    arguments.num_instances = 2;
    return registry_->make_multiplexer("scaled_mean", arguments);
  }

  std::optional<Registry> registry_;
};

TEST_F(FirstSdk, SaysThatItIsOfTheFirstMinorVersion) {
  const auto fingerprint = read_fingerprint(fixture_file("first_sdk"));
  ASSERT_TRUE(fingerprint);
  EXPECT_EQ(fingerprint->abi_major, 1u);
  EXPECT_EQ(fingerprint->abi_minor, 0u);
  EXPECT_EQ(registry_->find(PRUMUX_MULTIPLEXER, "scaled_mean").descriptor->interface_version, 1u);
}

TEST_F(FirstSdk, AMultiplexerIsNeverAskedWhatItsVersionLacks) {
  EXPECT_FALSE(multiplexer()->inference_form().has_value());
}

TEST_F(FirstSdk, ACompressorIsNeverAskedWhatItsVersionLacks) {
  const Method& method = registry_->find(PRUMUX_COMPRESSOR, "first_out");
  EXPECT_EQ(method.descriptor->interface_version, 1U);
  const auto compressor = registry_->make_compressor(
      "first_out", {parse_parameters(*method.descriptor, {{"removed", "1"}})});
  EXPECT_TRUE(compressor->ranks().empty());
}

TEST_F(FirstSdk, AMultiplexerSharesItsTensorsWithTheHost) {
  const auto multiplexer = this->multiplexer();
  ASSERT_EQ(multiplexer->named_parameters().size(), 2u);
  const at::Tensor ones = at::ones({1, 2, 3, 4});
  const at::Tensor mask = at::ones({1, 2, 3});
  {
    const at::NoGradGuard no_gradient;
    multiplexer->named_parameters()["scales"].fill_(3.0);
  }
  EXPECT_TRUE(multiplexer->mux(ones, mask).eq(3.0).all().item<bool>());
}

TEST_F(FirstSdk, AMultiplexerShrinksAndShowsItsNewTensors) {
  const auto multiplexer = this->multiplexer();
  multiplexer->prune_hidden(at::tensor({0, 2}, at::kLong), at::ones({2}));
  EXPECT_EQ(multiplexer->mux(at::ones({1, 2, 3, 4}), at::ones({1, 2, 3})).size(2), 2);
  EXPECT_EQ(multiplexer->named_parameters()["scales"].size(1), 2);
  EXPECT_EQ(multiplexer->named_buffers()["kept"].size(0), 2);
}

TEST_F(FirstSdk, APerformanceModelPredicts) {
  const auto model = registry_->make_performance_model("nearest", {});
  model->fit({{{{"instances", 1.0}}, 0.9}, {{{"instances", 5.0}}, 0.7}});
  EXPECT_EQ(model->predict({{"instances", 4.0}}).value, 0.7);
}

TEST_F(FirstSdk, ItsErrorsKeepTheirTypesAndNameThePlugin) {
  const auto model = registry_->make_performance_model("nearest", {});
  EXPECT_THAT(error_of<DataError>([&] { model->fit({}); }),
              testing::MatchesRegex("performance model 'nearest' \\(plugin first_sdk 1.0, .*\\) "
                                    "failed in fit: nearest needs a measurement"));
}

}  // namespace
}  // namespace prumux::plugin
