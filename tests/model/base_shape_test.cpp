#include "hash_weights.h"
#include "support.h"

namespace prumux::model {
namespace {

/// Reference numbers at the size of BERT-base.
TEST(BaseShape, GivesTheReferencesNumbers) {
  ModelConfig config = golden_model("seq_gh_indexpos_n2")->config();
  config.encoder = EncoderConfig{};
  Model model(config);
  model.eval();
  TensorMap state;
  for (const auto& [name, tensor] : model.state()) {
    state[name] = golden_weight(name, tensor.sizes(), 0.2, 0.08).to(at::kFloat);
  }
  EXPECT_TRUE(model.load_state(state).empty());
  const TensorMap expected = golden("base_gh_indexpos_n2");
  const at::NoGradGuard no_gradient;
  ForwardOptions options;
  options.hidden_states = true;
  const ForwardRecord record = model.forward(inputs_of(expected), options);
  EXPECT_LT(distance(record.logits, expected.at("logits")), kGoldenTolerance);
  for (const std::size_t layer : {0U, 1U, 6U, 12U}) {
    const std::string name = "hidden_states." + std::to_string(layer) + ".g0p0";
    EXPECT_LT(distance(record.hidden_states[layer][0][0], expected.at(name)), kGoldenTolerance)
        << name;
  }
}

}  // namespace
}  // namespace prumux::model
