#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "core/model/model.h"
#include "core/text/batch.h"
#include "prumux/encoder.h"
#include "prumux/multiplexer.h"
#include "prumux/parameters.h"
#include "prumux/structure.h"

namespace prumux::conformance {

/// A small encoder in which no two sizes are equal: 3 layers, 4 heads, width 32.
EncoderConfig sample_encoder();

/// For a multiplexer of N instances in front of that encoder.
MultiplexerArguments multiplexer_arguments(std::int64_t num_instances,
                                           const Parameters& parameters);

/// That encoder with two labels and fresh weights, the same for the same seed. In evaluation mode.
std::shared_ptr<model::Model> sample_model(
    std::uint64_t seed, const std::optional<model::MultiplexerConfig>& multiplexer = std::nullopt,
    const std::optional<model::HeadMethod>& head = std::nullopt);

/// Masks for that encoder that drop every fifth hidden dimension and scale the others.
StructureMasks sample_hidden_masks();

/// Rows of words, all different, most of them padded; the same for the same arguments.
text::Batch sample_batch(std::int64_t rows, std::int64_t length, std::int64_t number = 0);

}  // namespace prumux::conformance
