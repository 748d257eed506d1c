#pragma once

#include "prumux/plugin.h"

namespace prumux::datamux {

/// Parameters of the method; their names are those of the fields in a reference config.json.
inline constexpr PrumuxParameterV1 kParameters[] = {
    string_parameter("muxing_variant", "gaussian_hadamard",
                     "gaussian_hadamard|binary_hadamard|random_ortho|random_ortho_low_rank|"
                     "gaussian_attention|gaussian_attention_v2|gaussian_attention_v2_no_context|"
                     "gaussian_attention_v2_cls_token",
                     "How N embedded inputs become one sequence"),
    string_parameter("demuxing_variant", "index_pos", "index_pos|index|mlp",
                     "How hidden states of the N inputs are separated again"),
    real_parameter("gaussian_hadamard_norm", "1", 1e-6, 1e6, "",
                   "Euclidean norm of each input's Gaussian vector when it is drawn"),
    real_parameter("binary_hadamard_epsilon", "0", 0, 2, "chunks",
                   "How far the binary vectors of neighbouring inputs overlap"),
    boolean_parameter("learn_muxing", "false", "Train the multiplexing weights"),
    integer_parameter("num_hidden_demux_layers", "3", 2, 64, "layers",
                      "Dense layers that the index_pos demultiplexer holds; separating a hidden "
                      "state uses all but the last"),
    boolean_parameter("legacy_demuxing", "false",
                      "Separate by one normalised layer, as early PruMUX models do (index_pos)"),
    string_parameter("demux_start", "unmixing", "unmixing|random",
                     "Fresh layers of single instances (mlp): with the map that takes the instance "
                     "out of a linear mix in them, or random only, as in the reference"),
    boolean_parameter("demux_output_layer", "false",
                      "One more layer when separating, as DataMUX's sequence classifiers have "
                      "(index)"),
    boolean_parameter("muxing_attends_to_padding", "false",
                      "Let the gaussian_attention muxings see padding, as the reference's masked "
                      "language models do (padding: attended)"),
};

}  // namespace prumux::datamux
