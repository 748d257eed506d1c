#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "core/text/batch.h"
#include "core/text/corpus.h"
#include "core/text/dataset.h"
#include "core/text/masking.h"

namespace prumux::text {

/// The chosen rows as tensors on the CPU, padded to the longest of them, or to `length` when that
/// is given (longer rows are an error of the caller: `ConfigError`).
Batch collate(const Dataset& dataset, std::span<const std::uint32_t> rows,
              std::optional<std::size_t> length = std::nullopt);

/// The chosen chunks with masked-language-modelling labels [R, L]; see `mask_tokens`.
Batch collate_masked(const Corpus& corpus, std::span<const std::uint32_t> chunks,
                     const Tokenizer& tokenizer, const MaskingOptions& options, std::uint64_t seed,
                     std::uint64_t epoch, std::optional<std::size_t> length = std::nullopt);

/// Encodings without labels (inference).
Batch collate(std::span<const Encoding> encodings, TokenId padding_id,
              std::optional<std::size_t> length = std::nullopt);

}  // namespace prumux::text
