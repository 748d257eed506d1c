#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "prumux/export.h"
#include "prumux/parameters.h"

namespace prumux {

/// What the host knows when it makes a metric.
struct MetricArguments {
  std::string task;            ///< "sst2", ...: `data.task` of the pipeline.
  bool is_regression = false;  ///< Whether labels are scores instead of class ids.
  Parameters parameters;       ///< As the pipeline gives them.
};

/// Scores a model's answers on a labelled data set. `evaluate` stages name it under `metrics`, and
/// its value stands among their scores. One thread uses an instance.
class PRUMUX_EXPORT Metric {
 public:
  virtual ~Metric();

  /// logits [R, C] float32 (C = 1 in a regression), labels [R]: int64 class ids, or float32 scores
  /// in a regression. R >= 1, rows in the order of the file. Throws `DataError` when the rows do
  /// not determine the value, `ConfigError` when the metric is not one for this task.
  virtual double score(const at::Tensor& logits, const at::Tensor& labels) const = 0;
};

}  // namespace prumux
