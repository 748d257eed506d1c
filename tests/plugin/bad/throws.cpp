#include <stdexcept>

#include "prumux/plugin.h"

// Constructors that throw, each another type.

namespace {

using namespace prumux;

class Throws : public PerformanceModel {
 public:
  void fit(const std::vector<Observation>&) override {}
  Prediction predict(const Configuration&) const override { return {}; }
  std::string save() const override { return ""; }
  void load(const std::string&) override {}
};

struct Configuring : Throws {
  explicit Configuring(const PerformanceModelArguments&) {
    throw ConfigError("rate 7 is too high");
  }
};

struct Standard : Throws {
  explicit Standard(const PerformanceModelArguments&) { throw std::runtime_error("no luck"); }
};

struct Torch : Throws {
  explicit Torch(const PerformanceModelArguments&) { TORCH_CHECK(false, "shapes differ"); }
};

struct Foreign : Throws {
  explicit Foreign(const PerformanceModelArguments&) { throw 42; }
};

constexpr PrumuxMethodV1 kMethods[] = {
    performance_model_method<Configuring>("throws-configuration", "", "", {}),
    performance_model_method<Standard>("throws-standard", "", "", {}),
    performance_model_method<Torch>("throws-torch", "", "", {}),
    performance_model_method<Foreign>("throws-foreign", "", "", {}),
};

}  // namespace

PRUMUX_PLUGIN("throws", "0.9", "MIT", kMethods);
