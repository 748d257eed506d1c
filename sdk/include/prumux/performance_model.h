#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "prumux/export.h"
#include "prumux/parameters.h"

namespace prumux {

/// Named numbers that identify a trained model, e.g. {"instances": 2, "sparsity": 0.6}.
using Configuration = std::map<std::string, double>;

/// What a performance model predicts.
enum class Quantity {
  accuracy,    ///< A share in [0, 1].
  throughput,  ///< Examples per second, > 0.
};

/// One measurement.
struct Observation {
  Configuration configuration;  ///< What was measured.
  double value = 0.0;           ///< In the unit of the quantity.
};

/// What a performance model says about a configuration.
struct Prediction {
  double value = 0.0;                 ///< In the unit of the quantity.
  std::optional<double> uncertainty;  ///< One standard deviation, where the model knows it.
  bool extrapolated = false;          ///< Outside of what the observations enclose.
  std::string source;                 ///< How it was found: "measured", "interpolated", ...
};

/// Predicts one quantity from a few measured configurations. Const calls may run concurrently.
class PRUMUX_EXPORT PerformanceModel {
 public:
  virtual ~PerformanceModel();

  /// Replaces what was fitted before. Throws `DataError` when the observations do not determine
  /// the model, saying which are missing.
  virtual void fit(const std::vector<Observation>& observations) = 0;

  /// Throws `DataError` when `configuration` lacks a number that the model needs.
  virtual Prediction predict(const Configuration& configuration) const = 0;

  /// The fitted model as JSON text.
  virtual std::string save() const = 0;
  /// Becomes the model that `save` wrote. Throws `DataError` on anything else.
  virtual void load(const std::string& text) = 0;
};

/// What the host knows when it makes a performance model.
struct PerformanceModelArguments {
  Quantity quantity = Quantity::accuracy;  ///< What the observations are of.
  Parameters parameters;                   ///< As the pipeline gives them.
};

}  // namespace prumux
