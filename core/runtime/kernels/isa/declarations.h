#pragma once

#include "core/runtime/kernels/kernels.h"

namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA {

void convert(const Conversion& conversion);
void multiply(const Product& product);
void attend(const Attention& attention);
void attend_in_short_numbers(const Attention& attention);
void normalise(const Normalisation& normalisation);
void mix(const MixedPosition& position);
void gelu(float* values, std::size_t count);
void tanh(float* values, std::size_t count);

// Only where there are tiles.
void multiply_in_tiles(const Product& product);
void attend_in_tiles(const Attention& attention);

// Only where there are instructions for half precision.
void attend_in_halves(const Attention& attention);

}  // namespace prumux::runtime::kernels::PRUMUX_KERNEL_ISA
