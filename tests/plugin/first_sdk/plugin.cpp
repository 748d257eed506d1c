#include "prumux/plugin.h"

#include <cmath>
#include <limits>
#include <sstream>

// One method of each kind, written against the first headers of the SDK, which lie beside it.

namespace {

using namespace prumux;

static_assert(PRUMUX_ABI_MAJOR == 1 && PRUMUX_ABI_MINOR == 0);

/// Removes the first intermediate dimension of every layer, at once.
class FirstOut : public Compressor {
 public:
  explicit FirstOut(const CompressorArguments& arguments)
      : removed_(arguments.parameters.integer("removed")) {}

  void attach(const ModelView& model, const CompressionSchedule&) override {
    encoder_ = model.encoder();
  }
  StructureMasks training_masks(std::int64_t) override { return evaluation_masks(); }
  StructureMasks evaluation_masks() override {
    StructureMasks masks;
    masks.intermediate =
        at::ones({encoder_.num_hidden_layers, encoder_.intermediate_size}, at::kFloat);
    masks.intermediate.slice(1, 0, removed_).zero_();
    return masks;
  }
  PrunePlan finish() override { return PrunePlan::from_masks(evaluation_masks(), encoder_); }
  TensorMap state() const override { return {}; }
  void load_state(const TensorMap& state) override {
    if (!state.empty()) throw DataError("first_out has no state");
  }

 private:
  std::int64_t removed_;
  EncoderConfig encoder_;
};

/// The mean of the instances, each scaled by its own learned vector.
class ScaledMean : public Multiplexer {
 public:
  explicit ScaledMean(const MultiplexerArguments& arguments)
      : num_instances_(arguments.num_instances), padding_(arguments.padding) {
    const std::int64_t width = arguments.encoder.hidden_size;
    scales_ = register_parameter("scales", torch::randn({num_instances_, width}) + 1.0);
    back_ = register_parameter("back", torch::eye(width));
    kept_ = register_buffer("kept", torch::arange(width));
  }

  std::int64_t num_instances() const override { return num_instances_; }
  PaddingSemantics padding() const override { return padding_; }
  at::Tensor mux(const at::Tensor& embeddings, const at::Tensor& mask) override {
    const at::Tensor scaled = embeddings.index_select(3, kept_) * scales_.unsqueeze(1);
    if (padding_ == PaddingSemantics::attended) return scaled.mean(1);
    const at::Tensor counts = mask.to(scaled.scalar_type()).unsqueeze(3);
    return (scaled * counts).sum(1) / counts.sum(1).clamp_min(1.0);
  }
  at::Tensor demux(const at::Tensor& hidden, const at::Tensor& positions) override {
    const at::Tensor wanted = hidden.index_select(1, positions).unsqueeze(1);
    return at::linear(wanted * scales_.unsqueeze(1), back_);
  }
  at::Tensor vocabulary_features(const at::Tensor& hidden, const TokenSelection& chosen) override {
    const at::Tensor wanted = hidden.index({chosen.group, chosen.position});
    return at::linear(wanted * scales_.index_select(0, chosen.instance), back_);
  }
  void prune_hidden(const at::Tensor& kept, const at::Tensor& scales) override {
    const at::NoGradGuard no_gradient;
    // The scales of pruning belong to `mux` alone, so demux divides them out again.
    scales_.set_data(scales_.index_select(1, kept) * scales);
    back_.set_data(back_.index_select(1, kept) / scales);
    kept_.set_data(kept_.index_select(0, kept));
  }
  void adopt_loaded_shapes(std::int64_t width) override {
    if (back_.size(1) != width) throw DataError("scaled_mean: tensors of another width");
  }
  std::string checkpoint_fields() const override { return "{}"; }

 private:
  std::int64_t num_instances_;
  PaddingSemantics padding_;
  at::Tensor scales_, back_, kept_;
};

/// The nearest measurement.
class Nearest : public PerformanceModel {
 public:
  explicit Nearest(const PerformanceModelArguments&) {}

  void fit(const std::vector<Observation>& observations) override {
    if (observations.empty()) throw DataError("nearest needs a measurement");
    observations_ = observations;
  }
  Prediction predict(const Configuration& configuration) const override {
    Prediction best;
    double nearest = std::numeric_limits<double>::infinity();
    bool outside = false;
    for (const Observation& observation : observations_) {
      double distance = 0.0;
      for (const auto& [name, value] : observation.configuration) {
        const auto found = configuration.find(name);
        if (found == configuration.end()) throw DataError("nearest: no number " + name);
        distance += std::abs(found->second - value);
      }
      // Of equal distances the smaller value, so that the order does not matter.
      if (distance < nearest || (distance == nearest && observation.value < best.value)) {
        nearest = distance;
        best.value = observation.value;
      }
    }
    for (const auto& entry : configuration) outside = outside || is_outside(entry);
    best.extrapolated = outside;
    return best;
  }
  std::string save() const override {
    std::ostringstream text;
    text.precision(17);
    text << "[\"nearest\"";
    for (const Observation& observation : observations_) {
      for (const auto& [name, value] : observation.configuration) {
        text << ", \"" << name << "\", " << value;
      }
      text << ", \"=\", " << observation.value;
    }
    text << "]";
    return text.str();
  }
  void load(const std::string& text) override {
    constexpr const char* kBegin = "[\"nearest\"";
    if (!text.starts_with(kBegin)) throw DataError("this is no saved model of nearest");
    std::string words = text.substr(std::string(kBegin).size());
    for (char& character : words) {
      if (character == ',' || character == '"' || character == ']') character = ' ';
    }
    std::istringstream stream(words);
    std::vector<Observation> observations(1);
    std::string name;
    for (double value = 0.0; stream >> name >> value;) {
      if (name != "=") {
        observations.back().configuration[name] = value;
      } else {
        observations.back().value = value;
        observations.emplace_back();
      }
    }
    observations.pop_back();
    fit(observations);
  }

 private:
  bool is_outside(const Configuration::value_type& entry) const {
    double lowest = std::numeric_limits<double>::infinity(), highest = -lowest;
    for (const Observation& observation : observations_) {
      const auto found = observation.configuration.find(entry.first);
      if (found == observation.configuration.end()) continue;
      lowest = std::min(lowest, found->second);
      highest = std::max(highest, found->second);
    }
    return entry.second < lowest || entry.second > highest;
  }

  std::vector<Observation> observations_;
};

constexpr PrumuxParameterV1 kParameters[] = {
    integer_parameter("removed", "1", 0, 8, "dimensions", "How many are removed from a layer"),
};

constexpr PrumuxMethodV1 kMethods[] = {
    compressor_method<FirstOut>("first_out", "Removes the first dimensions", "made for the tests",
                                kParameters),
    multiplexer_method<ScaledMean>("scaled_mean", "Mean of scaled instances", "made for the tests",
                                   {}),
    performance_model_method<Nearest>("nearest", "The nearest measurement", "made for the tests",
                                      {}),
};

}  // namespace

PRUMUX_PLUGIN("first_sdk", "1.0", "MIT", kMethods);
