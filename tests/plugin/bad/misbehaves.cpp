#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <vector>

#include "prumux/plugin.h"

// Performance models that break one promise each, in ways that no host can prevent.

namespace {

using namespace prumux;

/// Keeps its promises as long as they do not concern numbers.
class Base : public PerformanceModel {
 public:
  explicit Base(const PerformanceModelArguments&) {}
  void fit(const std::vector<Observation>&) override {}
  Prediction predict(const Configuration&) const override { return {0.5, {}, false, "guessed"}; }
  std::string save() const override { return "{}"; }
  void load(const std::string&) override { throw DataError("it loads nothing"); }
};

struct Crashes : Base {
  using Base::Base;
  std::string save() const override {
    std::raise(SIGSEGV);
    return "";
  }
};

struct Hangs : Base {
  using Base::Base;
  void load(const std::string&) override {
    for (;;) ::pause();
  }
};

struct Exits : Base {
  using Base::Base;
  std::string save() const override { std::_Exit(3); }
};

struct Prints : Base {
  using Base::Base;
  void load(const std::string&) override {
    std::puts("hello");
    throw DataError("it loads nothing");
  }
};

struct ThrowsNumbers : Base {
  using Base::Base;
  std::string save() const override { throw 42; }
};

struct Leaks : Base {
  using Base::Base;
  std::string save() const override {
    static std::vector<char*> kept;
    kept.push_back(new char[1000]);
    return "{}";
  }
};

constexpr PrumuxMethodV1 kMethods[] = {
    performance_model_method<Crashes>("crashes", "Crashes in save", "made for the tests", {}),
    performance_model_method<Exits>("exits", "Ends the process in save", "made for the tests", {}),
    performance_model_method<Hangs>("hangs", "Never returns from load", "made for the tests", {}),
    performance_model_method<Leaks>("leaks", "Frees nothing", "made for the tests", {}),
    performance_model_method<Prints>("prints", "Prints in load", "made for the tests", {}),
    performance_model_method<ThrowsNumbers>("throws-numbers", "Throws an int in save",
                                            "made for the tests", {}),
};

}  // namespace

PRUMUX_PLUGIN("misbehaves", "0.3", "MIT", kMethods);
