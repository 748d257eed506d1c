#pragma once

#include "prumux/plugin.h"

/// The parameters of both methods. Defaults of the training are those of PruMUX's pruning stage.
namespace prumux::cofi {

inline constexpr PrumuxParameterV1 kDistillVersion = integer_parameter(
    "distill_version", "4", 2, 6, "",
    "Which layers are distilled into which: 2 each into its namesake; 3 four into the closest; "
    "4 the same without crossing; 5 and 6 as 4 with teacher layers drawn for each micro-batch "
    "(6: one from each quarter of the depth)");
inline constexpr PrumuxParameterV1 kDistillMatching = string_parameter(
    "distill_matching", "fixed", "fixed|ref",
    "How a removed student layer is skipped: by its own mask, or as the authors' code does");
inline constexpr PrumuxParameterV1 kDistillTemperature =
    real_parameter("distill_temperature", "2.0", 0.01, 1000, "",
                   "Temperature that softens the logits of teacher and student");
inline constexpr PrumuxParameterV1 kAlphaLayer = real_parameter(
    "alpha_layer", "0.9", 0, 1000, "", "Weight of the layers' squared error in the loss");
inline constexpr PrumuxParameterV1 kAlphaCe = real_parameter(
    "alpha_ce", "0.1", 0, 1000, "", "Weight of the divergence of the logits in the loss");
inline constexpr PrumuxParameterV1 kAlphaTask = real_parameter(
    "alpha_task", "0.0", 0, 1000, "", "Weight of the task's own loss beside the teacher's");
inline constexpr PrumuxParameterV1 kTransformationWeightDecay = real_parameter(
    "transformation_weight_decay", "0.0", 0, 10, "",
    "Weight decay of the linear map between the hidden states; the authors use the model's");
inline constexpr PrumuxParameterV1 kFreezeEmbeddings = boolean_parameter(
    "freeze_embeddings", "true",
    "Keep position and type embeddings and the embeddings' LayerNorm as they are");

inline constexpr PrumuxParameterV1 kCofiParameters[] = {
    real_parameter("target_sparsity", nullptr, 0, 0.99, "share",
                   "Share of the parameters of attention and FFN blocks to remove"),
    real_parameter("start_sparsity", "0.0", 0, 0.99, "share",
                   "Target at the beginning of the warm-up"),
    integer_parameter("warmup_steps", "-1", -1, HUGE_VAL, "optimiser steps",
                      "Steps over which the target rises to target_sparsity; -1: a fifth of all"),
    integer_parameter("prepruning_steps", "0", 0, HUGE_VAL, "optimiser steps",
                      "Steps of training without masks before pruning begins"),
    real_parameter("learning_rate", "0", 0, 10, "",
                   "Constant learning rate of masks and Lagrange multipliers; 0: 0.01 as the "
                   "authors, or 60 / steps where that is more, since masks have as far to go in a "
                   "short training"),
    real_parameter("temperature", "0.6666666666666666", 0.01, 10, "",
                   "Temperature of the hard-concrete distribution"),
    string_parameter("pruning_type", "structured_heads+structured_mlp+hidden+layer", nullptr,
                     "What is pruned: structured_heads, structured_mlp, hidden and layer, joined "
                     "by '+'"),
    real_parameter("sparsity_epsilon", "0.01", 0, 1, "share",
                   "How far below the target a model may be and still count as the best"),
    boolean_parameter("match_target", "true",
                      "Move the threshold of the final masks so that the share of parameters "
                      "removed is the target; false: remove the expected number, as the authors "
                      "do"),
    boolean_parameter("distill", "true",
                      "Learn from a teacher; false: from the task's loss alone, without one"),
    kFreezeEmbeddings,
    kDistillVersion,
    kDistillMatching,
    kDistillTemperature,
    kAlphaLayer,
    kAlphaCe,
    kAlphaTask,
    kTransformationWeightDecay,
};

inline constexpr PrumuxParameterV1 kDistillationParameters[] = {
    kFreezeEmbeddings, kDistillVersion, kDistillMatching, kDistillTemperature,
    kAlphaLayer,       kAlphaCe,        kAlphaTask,       kTransformationWeightDecay,
};

}  // namespace prumux::cofi
