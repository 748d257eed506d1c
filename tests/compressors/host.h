#pragma once

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/model/model.h"
#include "prumux/compressor.h"
#include "tests/support/error_of.h"

namespace prumux::compressors {

/// Name and text of parameters that are not to have their defaults.
using ParameterTexts = std::vector<std::pair<std::string, std::string>>;

/// A new instance from the plugin that has the method.
std::shared_ptr<Compressor> make_compressor(const std::string& method,
                                            const ParameterTexts& parameters);

/// What a plugin sees of a model.
class View : public ModelView {
 public:
  explicit View(std::shared_ptr<model::Model> model) : model_(std::move(model)) {}
  const EncoderConfig& encoder() const override { return model_->config().encoder; }
  std::int64_t num_instances() const override { return 1; }
  NamedTensors parameters() const override { return model_->checkpoint_parameters(); }

 private:
  std::shared_ptr<model::Model> model_;
};

/// A plain encoder of 16 words with fresh weights that are large enough to matter.
std::shared_ptr<model::Model> make_model(std::int64_t layers, std::int64_t heads,
                                         std::int64_t head_size, std::int64_t intermediate,
                                         std::uint64_t seed);

/// A model with its compressor, trained by plain gradient descent as a host would.
class Host {
 public:
  Host(std::shared_ptr<model::Model> model, std::shared_ptr<Compressor> compressor,
       std::int64_t total_steps);

  /// One optimiser step of `micro_batches` with random rows.
  void step(int micro_batches = 1);
  void steps(std::int64_t count);

  /// As if `step` optimiser steps had been done.
  void skip_to(std::int64_t step) { step_ = step; }

  at::Tensor logits(const StructureMasks* masks);

  const EncoderConfig& encoder() const { return model_->config().encoder; }
  model::Model& model() { return *model_; }
  Compressor& compressor() { return *compressor_; }

  /// From model and compressor together.
  TensorMap state() const;
  void load_state(const TensorMap& state);

 private:
  void descend();

  std::shared_ptr<model::Model> model_;
  std::shared_ptr<model::Model> teacher_;
  std::shared_ptr<Compressor> compressor_;
  View view_;
  model::ModelInputs inputs_;
  std::int64_t step_ = 0;
};

/// The masks that say the same as a plan.
StructureMasks masks_of(const PrunePlan& plan, const EncoderConfig& encoder);

/// Checks that a training to a restart from its state, and on, leaves the same bits as one without.
void expect_same_bits_after_restart(const std::function<std::shared_ptr<Compressor>()>& fresh);

using test::error_of;

/// What physical pruning promises.
inline constexpr double kPruningTolerance = 1e-5;

}  // namespace prumux::compressors
