#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "core/text/tokenizer.h"
#include "tests/support/temporary_folder.h"

namespace prumux::text {

using test::TemporaryFolder;

inline std::filesystem::path tokenizer_data() {
  return std::filesystem::path(PRUMUX_TEST_DATA) / "tokenizer";
}

/// Ids: [PAD] 0, [UNK] 1, [CLS] 2, [SEP] 3, [MASK] 4, a 5, b 6, c 7, d 8, ##b 9, ##c 10.
inline Tokenizer small_tokenizer() {
  return Tokenizer(
      Vocabulary({"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c", "d", "##b", "##c"}),
      TokenizerSettings{});
}

/// The message of the `Exception` that `action` throws.
template <typename Exception, typename Action>
std::string message_of(const Action& action) {
  try {
    action();
  } catch (const Exception& problem) {
    return problem.what();
  }
  ADD_FAILURE() << "no exception of the expected type";
  return "";
}

}  // namespace prumux::text
