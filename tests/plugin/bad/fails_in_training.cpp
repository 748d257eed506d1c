#include <stdexcept>

#include "prumux/plugin.h"

// Compressors that fail in the middle of the work.

namespace {

using namespace prumux;

class KeepsAll : public Compressor {
 public:
  explicit KeepsAll(const CompressorArguments&) {}
  void attach(const ModelView& model, const CompressionSchedule&) override {
    encoder_ = model.encoder();
  }
  StructureMasks training_masks(std::int64_t) override { return {}; }
  StructureMasks evaluation_masks() override { return {}; }
  PrunePlan finish() override { return PrunePlan::from_masks({}, encoder_); }
  TensorMap state() const override { return {}; }
  void load_state(const TensorMap&) override {}

 private:
  EncoderConfig encoder_;
};

struct Standard : KeepsAll {
  using KeepsAll::KeepsAll;
  at::Tensor loss(const TrainingStep& step) override {
    if (step.step == 3) throw std::runtime_error("no luck");
    return step.task_loss;
  }
};

struct Foreign : KeepsAll {
  using KeepsAll::KeepsAll;
  void after_step(std::int64_t) override { throw 42; }
};

struct Own : KeepsAll {
  using KeepsAll::KeepsAll;
  StructureMasks evaluation_masks() override { throw NumericError("the scores are not finite"); }
};

struct Torch : KeepsAll {
  using KeepsAll::KeepsAll;
  PrunePlan finish() override {
    TORCH_CHECK(false, "shapes differ");
    return {};
  }
};

constexpr PrumuxMethodV1 kMethods[] = {
    compressor_method<Standard>("fails-in-loss", "", "", {}),
    compressor_method<Foreign>("fails-in-after-step", "", "", {}),
    compressor_method<Own>("fails-in-evaluation", "", "", {}),
    compressor_method<Torch>("fails-in-finish", "", "", {}),
};

}  // namespace

PRUMUX_PLUGIN("fails_in_training", "0.4", "MIT", kMethods);
