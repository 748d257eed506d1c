#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <span>
#include <string>

#include "prumux/compressor.h"
#include "prumux/descriptor.h"
#include "prumux/parameters.h"
#include "tests/support/error_of.h"

namespace prumux::cofi {

/// An encoder of the given sizes.
EncoderConfig encoder_of(std::int64_t hidden, std::int64_t intermediate, std::int64_t heads,
                         std::int64_t layers);

inline const EncoderConfig kThreeLayers = encoder_of(32, 64, 4, 3);

/// Units that a layer of a `FakeModel` has.
struct FakeLayer {
  std::int64_t heads;
  std::int64_t intermediate;
};

/// A model that consists of the weights from which a compressor reads the structure.
class FakeModel : public ModelView {
 public:
  explicit FakeModel(const EncoderConfig& encoder);
  /// Physically pruned: a layer without heads or intermediate dimensions lacks the block.
  FakeModel(const EncoderConfig& encoder, const std::vector<FakeLayer>& layers,
            std::int64_t hidden);

  const EncoderConfig& encoder() const override { return encoder_; }
  std::int64_t num_instances() const override { return 2; }
  NamedTensors parameters() const override { return parameters_; }

 private:
  EncoderConfig encoder_;
  NamedTensors parameters_;
};

/// The defaults of a schema, as a host fills them in; required parameters are left out.
Parameters defaults(std::span<const PrumuxParameterV1> schema);

/// Defaults of `cofi` with this target and the authors' learning rate.
Parameters cofi_parameters(double target_sparsity);

/// Defaults of `distillation`.
Parameters distillation_parameters();

using test::error_of;

}  // namespace prumux::cofi
