#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <vector>

#include "prumux/compressor.h"
#include "prumux/tensors.h"

namespace prumux::train {

/// Parameters that share their optimiser settings.
struct AdamWGroup {
  std::string name;  ///< Unique; part of the names in the saved state.
  NamedTensors parameters;
  double learning_rate = 0.0;
  bool follows_schedule = true;  ///< Otherwise the rate is constant.
  double weight_decay = 0.0;
  bool maximize = false;  ///< Gradient ascent.
};

/// That of a compressor; one without a rate of its own takes `learning_rate` and its schedule.
AdamWGroup adamw_group(const ParameterGroup& group, double learning_rate);

struct AdamWConstants {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
};

/// AdamW (Loshchilov and Hutter 2019) with torch.optim.AdamW's semantics: a parameter without a
/// gradient is left alone, and its step is not counted. One pass over memory for each parameter.
class AdamW {
 public:
  /// Throws `PluginError` naming the parameter when one cannot be trained (undefined, not float32,
  /// not contiguous, needs no gradient) and when two have the same name.
  AdamW(std::vector<AdamWGroup> groups, const AdamWConstants& constants);

  /// One update. `schedule_factor` multiplies the rates of the groups that follow the schedule.
  void step(double schedule_factor);

  void zero_gradients();

  /// Moments and step counters, under "group/parameter/kind". Tensors share storage.
  TensorMap state() const;
  /// Throws `DataError` naming the first tensor that is unknown or of another shape.
  void load_state(const TensorMap& state);

 private:
  struct Slot {
    std::string name;
    at::Tensor parameter;
    at::Tensor first_moment;  // undefined before the first gradient
    at::Tensor second_moment;
    at::Tensor steps;  // [] float32, as the fused kernel wants it
  };
  struct Group {
    AdamWGroup settings;
    std::vector<Slot> slots;
  };

  std::vector<Group> groups_;
  AdamWConstants constants_;
};

/// Scales the gradients of `parameters` so that their global norm is at most `max_norm`, as
/// torch.nn.utils.clip_grad_norm_ does; 0 only measures. Returns the norm before clipping.
double clip_gradients(const std::vector<at::Tensor>& parameters, double max_norm);

}  // namespace prumux::train
