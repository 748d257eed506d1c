#pragma once

#include "core/model/model.h"
#include "core/runtime/network/network.h"

namespace prumux::runtime {

/// Packs a model's present weights for products in `format`. The result reads the model's word
/// embeddings where they are: it must not outlive them. What the multiplexer does not describe in
/// closed form is left out: without `separation`, the hidden states from the first position to the
/// classifier's are read. Throws `ConfigError` for a model that classifies tokens.
Network build_network(const model::Model& model, kernels::NumberFormat format);

/// The same without a head, for a model of one instance and with any head: all hidden states are
/// read. Lifetime as `build_network`.
Network build_encoder_network(const model::Model& model, kernels::NumberFormat format);

/// The sizes and the front of a network, embeddings and mixing, without layers or a head: what
/// `group_rows` asks for. Lifetime and errors as `build_network`.
Network outline_network(const model::Model& model);

/// Whether the network mixes the instances itself.
bool mixes(const model::Model& model);

}  // namespace prumux::runtime
