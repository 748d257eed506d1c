#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/ScalarType.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/runtime/token_states.h"
#include "core/text/batch.h"

namespace prumux::runtime {

/// Token states of texts of which many come again, as in the epochs of a training: those that it
/// has seen cost a copy instead of a pass. One thread at a time.
class RememberedStates {
 public:
  /// Remembers up to `maximum_bytes` of states, as numbers of type `format`; what is given is
  /// rounded to it also the first time, so that nothing depends on what came before.
  RememberedStates(TokenStates states, at::ScalarType format, std::size_t maximum_bytes);

  std::int64_t width() const { return states_.width(); }
  /// What is left for texts that are new.
  std::size_t free_bytes() const { return free_bytes_; }

  /// As `TokenStates`.
  at::Tensor operator()(const text::Batch& batch);

 private:
  /// Of one text: rows of a block that holds those of others too.
  struct Part {
    at::Tensor block;
    std::int64_t begin = 0;
  };
  /// By the text's tokens and their types.
  using Parts = std::unordered_map<std::u32string, Part>;

  /// Of the texts that are not remembered, in one block.
  Parts compute(const text::Batch& batch, const std::vector<std::u32string>& texts) const;
  void remember(Parts fresh);

  TokenStates states_;
  at::ScalarType format_;
  std::size_t free_bytes_;
  Parts remembered_;
};

}  // namespace prumux::runtime
