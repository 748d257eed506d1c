#pragma once

#include <torch/types.h>

#include <map>
#include <memory>
#include <string>

#include "data_multiplexer.h"
#include "prumux/tensors.h"
#include "tests/support/distance.h"

namespace prumux::datamux {

using test::distance;

/// How far a float32 computation may be from an exact one.
constexpr double kTolerance = 1e-5;

/// Arguments of a small model: 8 hidden dimensions unless told otherwise, the schema's defaults.
/// Its embedding of a token with number t is t / 4 in every dimension.
MultiplexerArguments small_arguments(std::int64_t num_instances, std::int64_t hidden_size = 8);

/// The names that the schema has for a variant.
std::vector<std::string> choices_of(const std::string& parameter);

/// A multiplexer in evaluation mode, its weights drawn under a fixed seed, all of them far from
/// zero (LayerNorms and biases too).
std::shared_ptr<DataMultiplexer> make_random(const MultiplexerArguments& arguments);

/// The parameter or buffer of that name.
at::Tensor tensor(const DataMultiplexer& multiplexer, const std::string& name);

/// Puts `values` in place, as a host does with a checkpoint; others stay.
void load(DataMultiplexer& multiplexer, const TensorMap& values);

/// Parameters and buffers.
TensorMap state(const DataMultiplexer& multiplexer);

at::Tensor indices(std::initializer_list<std::int64_t> values);

}  // namespace prumux::datamux
