#include "prumux/plugin.h"

// A plugin without fault: a multiplexer and two performance models, as small as they can be.

namespace {

using namespace prumux;

class Average : public Multiplexer {
 public:
  explicit Average(const MultiplexerArguments& arguments)
      : num_instances_(arguments.num_instances), padding_(arguments.padding) {
    if (num_instances_ > 8) {
      throw ConfigError("num_instances 9 - expected at most 8");
    }
    scale_ = register_parameter("scale", torch::ones({arguments.encoder.hidden_size}));
  }

  std::int64_t num_instances() const override { return num_instances_; }
  PaddingSemantics padding() const override { return padding_; }
  at::Tensor mux(const at::Tensor& embeddings, const at::Tensor&) override {
    return embeddings.mean(1) * scale_;
  }
  at::Tensor demux(const at::Tensor& hidden, const at::Tensor& positions) override {
    return hidden.index_select(1, positions)
        .unsqueeze(1)
        .expand({-1, num_instances_, -1, -1})
        .contiguous();
  }
  at::Tensor vocabulary_features(const at::Tensor& hidden, const TokenSelection& chosen) override {
    return hidden.index({chosen.group, chosen.position});
  }
  void prune_hidden(const at::Tensor&, const at::Tensor&) override {}
  void adopt_loaded_shapes(std::int64_t) override {}
  std::string checkpoint_fields() const override { return "{}"; }

 private:
  std::int64_t num_instances_;
  PaddingSemantics padding_;
  at::Tensor scale_;
};

class Constant : public PerformanceModel {
 public:
  explicit Constant(const PerformanceModelArguments& arguments)
      : value_(arguments.parameters.real("value")) {}

  void fit(const std::vector<Observation>&) override {}
  Prediction predict(const Configuration&) const override {
    Prediction prediction;
    prediction.value = value_;
    return prediction;
  }
  std::string save() const override { return "{}"; }
  void load(const std::string&) override {}

 private:
  double value_;
};

int recognise(const char* config_json, char* parameters_json, uint32_t size) {
  if (std::string(config_json).find("averaged") == std::string::npos) {
    return 0;
  }
  std::snprintf(parameters_json, size, R"({"style": "plain", "bias": true})");
  return 1;
}

constexpr PrumuxParameterV1 kAverageParameters[] = {
    string_parameter("style", "plain", "plain|weighted", "how instances are averaged"),
    boolean_parameter("bias", "false", "whether a bias is added"),
};

constexpr PrumuxParameterV1 kConstantParameters[] = {
    real_parameter("value", nullptr, 0.0, 1.0, "share", "what is predicted everywhere"),
    integer_parameter("rounds", "3", 1, 10, "rounds", "how often it is predicted"),
    string_parameter("label", "''", nullptr, "a name for the report"),
    real_list_parameter("knots", "[0.25, 0.5]", 0.0, 1.0, "", "where it is exact"),
};

constexpr PrumuxMethodV1 kMethods[] = {
    multiplexer_method<Average>("average", "The mean of the inputs", "made for the tests",
                                kAverageParameters, &recognise, PRUMUX_NEEDS_TEACHER),
    performance_model_method<Constant>("constant", "One number for everything",
                                       "made for the tests", kConstantParameters),
    performance_model_method<Constant>("bare", "A method without parameters", "made for the tests",
                                       {}),
};

}  // namespace

PRUMUX_PLUGIN("good", "1.2.3", "MIT", kMethods);
