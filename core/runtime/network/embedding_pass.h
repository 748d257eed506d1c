#pragma once

#include <span>

#include "core/runtime/network/network.h"
#include "core/runtime/network/product.h"
#include "core/runtime/network/sequence.h"

namespace prumux::runtime {

/// Embeds the sequences one behind the other: `states` [width] gets the encoder's input. Ids must
/// be in the tables, and the sequences as short as the positions' table.
void embed_sequences(const Network& network, const kernels::Kernels& kernels,
                     std::span<const Sequence> sequences, const Panels& states,
                     Workspace& workspace);

}  // namespace prumux::runtime
