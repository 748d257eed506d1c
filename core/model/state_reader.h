#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "prumux/tensors.h"

namespace prumux::model {

/// "[2, 3]".
std::string shape_text(at::IntArrayRef shape);

/// Looks tensors up in a checkpoint whose names may be those of another writer: LayerNorm's old
/// `gamma` and `beta`, an encoder saved without its prefix. Remembers what was asked for.
class StateReader {
 public:
  /// `prefix`: what the encoder's names begin with, for example "bert.".
  StateReader(const TensorMap& state, const std::string& prefix);

  bool contains(const std::string& name) const { return tensors_.contains(name); }

  /// As float32; undefined when it is not there. Throws `DataError` when it holds no real numbers.
  at::Tensor find(const std::string& name);
  /// As it is; undefined when it is not there.
  at::Tensor find_raw(const std::string& name);
  /// Throws `DataError` when it is not there, or is of another shape.
  at::Tensor require(const std::string& name);
  at::Tensor require(const std::string& name, at::IntArrayRef shape);
  /// A table of `rows` rows and any number of columns.
  at::Tensor require_table(const std::string& name, std::int64_t rows);

  /// Names nobody asked for.
  std::vector<std::string> unused() const;

 private:
  TensorMap tensors_;
  std::set<std::string> used_;
};

/// Throws `DataError` saying that `name` has another shape than `expected` ("[2, 3]", or words).
[[noreturn]] void fail_shape(const std::string& name, at::IntArrayRef shape,
                             const std::string& expected);

/// Makes `parameter` hold a copy of `value`; the handle stays the same, its shape may change.
void place(at::Tensor& parameter, const at::Tensor& value);

/// A parameter of its own: a leaf that trains.
at::Tensor make_parameter(const at::Tensor& value);

/// Hugging Face's initialisation, by the kind of parameter that the name tells: LayerNorm weights
/// one, biases zero, everything else N(0, `range`^2).
void initialise(const std::string& name, at::Tensor& parameter, double range);

}  // namespace prumux::model
