#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "completed_grid.h"
#include "prumux/performance_model.h"

namespace prumux::predictors {

/// Auto-PruMUX's interpolation over `instances` and `sparsity` (spec 11.1), the only dimensions
/// that it accepts: `CompletedGrid` of the accuracy, or of the logarithm of the throughput.
/// Repeated measurements of a configuration are averaged; a measured configuration is predicted
/// exactly. A prediction from outside of the measurements has the flag `extrapolated`, also when
/// the parameter `outside` is `clamp` and the nearest value inside is returned. Predicted
/// accuracies are limited to [0, 1].
class Bilinear : public PerformanceModel {
 public:
  explicit Bilinear(const PerformanceModelArguments& arguments);

  void fit(const std::vector<Observation>& observations) override;
  Prediction predict(const Configuration& configuration) const override;
  std::string save() const override;
  void load(const std::string& text) override;

 protected:
  /// Whether measurements that contradict the direction of compression are corrected.
  enum class Surface { exact, monotone };

  /// `name` is the method's, for messages and saved models.
  Bilinear(std::string name, Surface surface, const PerformanceModelArguments& arguments);

 private:
  Point to_point(const Configuration& configuration) const;

  std::string name_;
  Surface surface_;
  Quantity quantity_;
  bool clamp_;
  std::map<Point, double> measured_;
  std::optional<CompletedGrid> grid_;
};

/// `Bilinear` after projection onto the surfaces along which more instances and more sparsity never
/// raise the accuracy, nor lower the throughput: measurements that say otherwise are noise. So a
/// measured configuration is predicted exactly only where it contradicts no other.
class MonotoneBilinear : public Bilinear {
 public:
  explicit MonotoneBilinear(const PerformanceModelArguments& arguments)
      : Bilinear("monotone_bilinear", Surface::monotone, arguments) {}
};

}  // namespace prumux::predictors
