#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "core/text/tokenizer.h"
#include "tests/support/error_of.h"
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

using test::error_of;

}  // namespace prumux::text
