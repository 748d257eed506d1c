#pragma once

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/model/config.h"
#include "core/model/task_head.h"
#include "prumux/encoder.h"
#include "prumux/head.h"

namespace prumux::model {

/// A head of a plugin, behind the dimensions that pruning has left. What it throws names method,
/// plugin and function.
class PluginHead : public TaskHead {
 public:
  /// Fresh weights. Throws `ConfigError` when the plugin is not there or refuses its parameters.
  PluginHead(const HeadMethod& method, const HeadArguments& arguments);

  /// As `Head::read_positions`.
  std::int64_t read_positions() const { return read_positions_; }
  /// Positions that `forward` reads of rows of `length`, from the first on.
  std::int64_t positions_read(std::int64_t length) const {
    return read_positions_ == 0 ? length : std::min(length, read_positions_);
  }

  /// features [R, P, d'], attention_mask [R, P] -> [R, num_labels].
  at::Tensor forward(const at::Tensor& features, const at::Tensor& attention_mask) const;

  std::vector<std::string> load(StateReader& state, std::int64_t features) override;
  void prune_features(const UnitSelection& hidden) override;
  NamedTensors named_tensors() const override;
  NamedTensors constant_tensors() const override;

 private:
  std::string who_;
  std::int64_t hidden_size_;
  std::int64_t num_labels_;
  std::shared_ptr<Head> head_;
  std::int64_t read_positions_;
  /// [d'] int64: where the features stand among the d that the head sees; undefined: all of them.
  at::Tensor kept_;
};

}  // namespace prumux::model
