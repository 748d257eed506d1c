#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "prumux/multiplexer.h"

namespace prumux::datamux {

/// Throws `DataError` naming the checkpoint's tensor, its shape and `shape` when they differ.
void check_shape(const std::string& name, const at::Tensor& tensor,
                 const std::vector<std::int64_t>& shape);

/// Throws `DataError` unless `kept` [d'] holds ascending int64 indices below `width`, at least one,
/// and `scales` is of the same length.
void check_kept(const at::Tensor& kept, const at::Tensor& scales, std::int64_t width);

/// Throws `DataError` unless `hidden` is [B, L, width].
void check_hidden(const at::Tensor& hidden, std::int64_t width);

/// Throws `DataError` naming the first value of `indices` outside 0 to `size` - 1. On a GPU, where
/// looking would wait for the device, nothing is checked.
void check_indices(const std::string& name, const at::Tensor& indices, std::int64_t size);

/// `check_indices` of the three coordinates of tokens in `hidden` [B, L, d'].
void check_selection(const TokenSelection& selection, const at::Tensor& hidden,
                     std::int64_t num_instances);

/// Puts `value`, of whatever shape, in the place of a parameter; its gradient is dropped.
void replace(at::Tensor& parameter, const at::Tensor& value);

/// "[2, 32]".
std::string shape_text(at::IntArrayRef shape);

}  // namespace prumux::datamux
