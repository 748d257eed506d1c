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

struct Observation {
  Configuration configuration;
  double value = 0.0;
};

struct Prediction {
  double value = 0.0;
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

  virtual Prediction predict(const Configuration& configuration) const = 0;

  /// The fitted model as JSON text, and back. `load` throws `DataError` on anything else.
  virtual std::string save() const = 0;
  virtual void load(const std::string& text) = 0;
};

/// What the host knows when it makes a performance model.
struct PerformanceModelArguments {
  Quantity quantity = Quantity::accuracy;
  Parameters parameters;
};

}  // namespace prumux
