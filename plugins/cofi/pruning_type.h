#pragma once

#include <string>

namespace prumux::cofi {

/// Which kinds of units are pruned.
struct PruningType {
  bool heads = false;          ///< Attention heads.
  bool intermediates = false;  ///< Intermediate dimensions of the FFN blocks.
  bool hidden = false;         ///< Dimensions of the residual stream.
  bool layers = false;         ///< Whole attention and FFN blocks.

  /// Reads a list such as "structured_heads+structured_mlp+hidden+layer", in any order.
  /// Throws `ConfigError` naming the word that is unknown, repeated or missing.
  static PruningType parse(const std::string& text);
};

}  // namespace prumux::cofi
