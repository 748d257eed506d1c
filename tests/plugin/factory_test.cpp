#include <ATen/ops/arange.h>
#include <ATen/ops/ones.h>

#include "core/plugin/registry.h"
#include "fixtures.h"
#include "prumux/error.h"

namespace prumux::plugin {
namespace {

class FactoryTest : public PluginFolderTest {
 protected:
  std::string place(const std::string& kind, const std::string& method, const std::string& plugin) {
    return kind + " '" + method + "' (plugin " + plugin + ", " + file_.string() + "): ";
  }

  Registry registry_with(const std::string& fixture) {
    file_ = add(fixture);
    return Registry({folder()});
  }

 private:
  std::filesystem::path file_;
};

TEST_F(FactoryTest, MakesAMultiplexerThatWorks) {
  Registry registry = registry_with("good");
  MultiplexerArguments arguments;
  arguments.encoder.hidden_size = 4;
  arguments.num_instances = 2;
  const auto multiplexer = registry.make_multiplexer("average", arguments);
  ASSERT_NE(multiplexer, nullptr);
  EXPECT_EQ(multiplexer->num_instances(), 2);
  EXPECT_EQ(multiplexer->named_parameters().size(), 1u);
  const at::Tensor embeddings = at::arange(8.0).reshape({1, 2, 1, 4});
  const at::Tensor mixed = multiplexer->mux(embeddings, at::ones({1, 2, 1}));
  EXPECT_EQ(mixed.sizes(), (std::vector<std::int64_t>{1, 1, 4}));
  EXPECT_DOUBLE_EQ(mixed[0][0][0].item<double>(), 2.0);  // (0 + 4) / 2
}

TEST_F(FactoryTest, MakesAPerformanceModelWithItsParameters) {
  Registry registry = registry_with("good");
  const Method& method = registry.find(PRUMUX_PERFORMANCE_MODEL, "constant");
  const auto model = registry.make_performance_model(
      "constant", {.parameters = parse_parameters(*method.descriptor, {{"value", "0.75"}})});
  EXPECT_DOUBLE_EQ(model->predict({}).value, 0.75);
}

TEST_F(FactoryTest, ObjectsOutliveTheRegistry) {
  std::shared_ptr<PerformanceModel> model;
  {
    Registry registry = registry_with("good");
    PerformanceModelArguments arguments;
    arguments.parameters.set("value", 0.25);
    model = registry.make_performance_model("constant", arguments);
  }
  EXPECT_DOUBLE_EQ(model->predict({}).value, 0.25);
}

TEST_F(FactoryTest, ArgumentsThatTheMethodRefusesAreAConfigurationError) {
  Registry registry = registry_with("good");
  MultiplexerArguments arguments;
  arguments.num_instances = 9;
  EXPECT_EQ(error_of<ConfigError>([&] { registry.make_multiplexer("average", arguments); }),
            place("multiplexer", "average", "good 1.2.3") + "num_instances 9 - expected at most 8");
}

TEST_F(FactoryTest, EveryExceptionBecomesAnErrorThatNamesThePlugin) {
  Registry registry = registry_with("throws");
  const auto make = [&](const std::string& name) {
    return [&registry, name] { registry.make_performance_model(name, {}); };
  };
  const auto place_of = [&](const std::string& name) {
    return place("performance model", name, "throws 0.9");
  };
  EXPECT_EQ(error_of<ConfigError>(make("throws-configuration")),
            place_of("throws-configuration") + "rate 7 is too high");
  EXPECT_EQ(error_of<PluginError>(make("throws-standard")),
            place_of("throws-standard") + "no luck");
  EXPECT_EQ(error_of<PluginError>(make("throws-foreign")),
            place_of("throws-foreign") + "an exception of an unknown type");
  EXPECT_THAT(error_of<PluginError>(make("throws-torch")),
              testing::StartsWith(place_of("throws-torch") + "shapes differ"));
}

TEST_F(FactoryTest, AnExceptionThatCrossesTheBorderIsStillOnlyAnError) {
  Registry registry = registry_with("border");
  EXPECT_EQ(error_of<PluginError>([&] { registry.make_performance_model("leaks-exception", {}); }),
            place("performance model", "leaks-exception", "border 0.1") +
                "an exception of an unknown type");
}

TEST_F(FactoryTest, SuccessWithoutAnInstanceIsAnError) {
  Registry registry = registry_with("border");
  EXPECT_EQ(error_of<PluginError>([&] { registry.make_performance_model("makes-nothing", {}); }),
            place("performance model", "makes-nothing", "border 0.1") +
                "it made nothing and gave no reason");
}

TEST_F(FactoryTest, RecognisesACheckpointWithItsParameters) {
  Registry registry = registry_with("good");
  const auto recognised = registry.recognise(R"({"kind": "averaged"})");
  ASSERT_TRUE(recognised);
  EXPECT_EQ(recognised->method, "average");
  EXPECT_EQ(recognised->parameters.string("style"), "plain");
  EXPECT_EQ(recognised->parameters.boolean("bias"), true);
  EXPECT_EQ(registry.recognise(R"({"kind": "other"})").has_value(), false);
}

TEST_F(FactoryTest, RecognisedParametersMustFitTheMethodsOwnSchema) {
  Registry registry = registry_with("recognises_wrongly");
  const std::string message = error_of<PluginError>([&] { registry.recognise("{}"); });
  EXPECT_THAT(message, testing::StartsWith(
                           place("multiplexer", "greedy", "recognises_wrongly 0.1").substr(0, 20)));
  EXPECT_THAT(message, testing::HasSubstr("recognises the model, but with parameters that it does "
                                          "not take itself: "));
  EXPECT_THAT(message, testing::HasSubstr("unknown key 'colour'"));
}

TEST_F(FactoryTest, TwoMultiplexersThatRecogniseTheSameModelAreAnError) {
  add("good");
  add("recognises_everything");
  Registry registry({folder()});
  EXPECT_EQ(error_of<PluginError>([&] { registry.recognise("averaged"); }),
            "the multiplexers 'average' and 'everything' both recognise the model; remove one of "
            "the plugins from the search path");
}

}  // namespace
}  // namespace prumux::plugin
