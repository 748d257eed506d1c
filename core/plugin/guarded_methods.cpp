#include "core/plugin/guarded_methods.h"

#include <utility>

#include "core/plugin/call_plugin.h"

namespace prumux::plugin {

namespace {

/// An object of a plugin, and how its errors are called.
template <typename Interface>
class Guard {
 public:
  Guard(std::shared_ptr<Interface> object, std::string who)
      : object_(std::move(object)), who_(std::move(who)) {}

  template <typename Work>
  auto operator()(const char* function, const Work& work) const {
    return call_plugin([&] { return who_ + " failed in " + function; },
                       [&] { return work(*object_); });
  }

 private:
  std::shared_ptr<Interface> object_;
  std::string who_;
};

class GuardedCompressor : public Compressor {
 public:
  GuardedCompressor(Guard<Compressor> guard, std::uint32_t version)
      : call_(std::move(guard)), version_(version) {}

  bool needs_teacher() const override {
    return call_("needs_teacher", [](const Compressor& inner) { return inner.needs_teacher(); });
  }
  bool needs_hidden_states() const override {
    return call_("needs_hidden_states",
                 [](const Compressor& inner) { return inner.needs_hidden_states(); });
  }
  void attach(const ModelView& model, const CompressionSchedule& schedule) override {
    call_("attach", [&](Compressor& inner) { inner.attach(model, schedule); });
  }
  StructureMasks training_masks(std::int64_t step) override {
    return call_("training_masks", [&](Compressor& inner) { return inner.training_masks(step); });
  }
  StructureMasks evaluation_masks() override {
    return call_("evaluation_masks", [](Compressor& inner) { return inner.evaluation_masks(); });
  }
  at::Tensor loss(const TrainingStep& step) override {
    return call_("loss", [&](Compressor& inner) { return inner.loss(step); });
  }
  std::vector<ParameterGroup> parameter_groups() override {
    return call_("parameter_groups", [](Compressor& inner) { return inner.parameter_groups(); });
  }
  bool trains(const std::string& name) const override {
    return call_("trains", [&](const Compressor& inner) { return inner.trains(name); });
  }
  void after_step(std::int64_t step) override {
    call_("after_step", [&](Compressor& inner) { inner.after_step(step); });
  }
  bool meets_target() override {
    return call_("meets_target", [](Compressor& inner) { return inner.meets_target(); });
  }
  std::map<std::string, double> metrics() override {
    return call_("metrics", [](Compressor& inner) { return inner.metrics(); });
  }
  PrunePlan finish() override {
    return call_("finish", [](Compressor& inner) { return inner.finish(); });
  }
  TensorMap state() const override {
    return call_("state", [](const Compressor& inner) { return inner.state(); });
  }
  void load_state(const TensorMap& state) override {
    call_("load_state", [&](Compressor& inner) { inner.load_state(state); });
  }
  std::map<std::string, std::int64_t> ranks() override {
    if (version_ < 2) return {};
    return call_("ranks", [](Compressor& inner) { return inner.ranks(); });
  }

 private:
  Guard<Compressor> call_;
  std::uint32_t version_;  ///< Of the interface that the plugin has.
};

class GuardedPerformanceModel : public PerformanceModel {
 public:
  explicit GuardedPerformanceModel(Guard<PerformanceModel> guard) : call_(std::move(guard)) {}

  void fit(const std::vector<Observation>& observations) override {
    call_("fit", [&](PerformanceModel& inner) { inner.fit(observations); });
  }
  Prediction predict(const Configuration& configuration) const override {
    return call_("predict",
                 [&](const PerformanceModel& inner) { return inner.predict(configuration); });
  }
  std::string save() const override {
    return call_("save", [](const PerformanceModel& inner) { return inner.save(); });
  }
  void load(const std::string& text) override {
    call_("load", [&](PerformanceModel& inner) { inner.load(text); });
  }

 private:
  Guard<PerformanceModel> call_;
};

class GuardedStage : public Stage {
 public:
  explicit GuardedStage(Guard<Stage> guard) : call_(std::move(guard)) {}

  std::map<std::string, double> run(StageContext& context) override {
    return call_("run", [&](Stage& inner) { return inner.run(context); });
  }

 private:
  Guard<Stage> call_;
};

class GuardedMetric : public Metric {
 public:
  explicit GuardedMetric(Guard<Metric> guard) : call_(std::move(guard)) {}

  double score(const at::Tensor& logits, const at::Tensor& labels) const override {
    return call_("score", [&](const Metric& inner) { return inner.score(logits, labels); });
  }

 private:
  Guard<Metric> call_;
};

class GuardedDatasetReader : public DatasetReader {
 public:
  explicit GuardedDatasetReader(Guard<DatasetReader> guard) : call_(std::move(guard)) {}

  void read(const std::filesystem::path& file,
            const std::function<void(const TextExample&)>& consume) override {
    call_("read", [&](DatasetReader& inner) { inner.read(file, consume); });
  }

 private:
  Guard<DatasetReader> call_;
};

}  // namespace

std::shared_ptr<Compressor> guarded(std::shared_ptr<Compressor> compressor, const std::string& who,
                                    std::uint32_t interface_version) {
  return std::make_shared<GuardedCompressor>(Guard(std::move(compressor), who), interface_version);
}

std::shared_ptr<PerformanceModel> guarded(std::shared_ptr<PerformanceModel> model,
                                          const std::string& who) {
  return std::make_shared<GuardedPerformanceModel>(Guard(std::move(model), who));
}

std::shared_ptr<Stage> guarded(std::shared_ptr<Stage> stage, const std::string& who) {
  return std::make_shared<GuardedStage>(Guard(std::move(stage), who));
}

std::shared_ptr<Metric> guarded(std::shared_ptr<Metric> metric, const std::string& who) {
  return std::make_shared<GuardedMetric>(Guard(std::move(metric), who));
}

std::shared_ptr<DatasetReader> guarded(std::shared_ptr<DatasetReader> reader,
                                       const std::string& who) {
  return std::make_shared<GuardedDatasetReader>(Guard(std::move(reader), who));
}

}  // namespace prumux::plugin
