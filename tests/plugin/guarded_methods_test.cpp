#include "core/plugin/guarded_methods.h"

#include "core/plugin/error_context.h"
#include "core/plugin/registry.h"
#include "fixtures.h"
#include "prumux/error.h"

namespace prumux::plugin {
namespace {

class GuardedMethods : public PluginFolderTest {
 protected:
  void SetUp() override {
    PluginFolderTest::SetUp();
    file_ = add("fails_in_training");
    registry_.emplace(std::vector{folder()});
  }

  std::shared_ptr<Compressor> compressor(const std::string& name) {
    return registry_->make_compressor(name, {});
  }

  std::string place(const std::string& name, const std::string& function) const {
    return "compressor '" + name + "' (plugin fails_in_training 0.4, " + file_.string() +
           ") failed in " + function + ": ";
  }

  std::filesystem::path file_;
  std::optional<Registry> registry_;
};

TEST_F(GuardedMethods, AnyExceptionNamesMethodPluginVersionAndFunction) {
  TrainingStep step;
  step.step = 3;
  EXPECT_EQ(error_of<PluginError>([&] { compressor("fails-in-loss")->loss(step); }),
            place("fails-in-loss", "loss") +
                "no luck - a mistake in the plugin; report it to its author");
  EXPECT_EQ(error_of<PluginError>([&] { compressor("fails-in-after-step")->after_step(1); }),
            place("fails-in-after-step", "after_step") +
                "an exception of an unknown type - a mistake in the plugin; report it to its "
                "author");
  EXPECT_THAT(error_of<PluginError>([&] { compressor("fails-in-finish")->finish(); }),
              testing::StartsWith(place("fails-in-finish", "finish") + "shapes differ"));
}

TEST_F(GuardedMethods, AnErrorThatThePluginMeantKeepsItsType) {
  EXPECT_EQ(error_of<NumericError>([&] { compressor("fails-in-evaluation")->evaluation_masks(); }),
            place("fails-in-evaluation", "evaluation_masks") + "the scores are not finite");
}

TEST(ErrorContext, NamesTheStageOnce) {
  const auto fail = [](const std::string& text) {
    return [text] {
      in_stage([] { return std::string("stage 'a'"); }, [&] { throw DataError(text); });
    };
  };
  EXPECT_EQ(error_of<DataError>(fail("no rows")), "stage 'a': no rows");
  EXPECT_EQ(error_of<DataError>(fail("stage 'a', step 3: no rows")), "stage 'a', step 3: no rows");
}

}  // namespace
}  // namespace prumux::plugin
