#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace prumux::cofi {

/// Which teacher layers are distilled, and into which student layers (Xia et al. 2022, section
/// 3.2). The values are the version numbers of CoFi's authors.
enum class AlignmentVersion {
  same_layer = 2,       ///< Every layer into its namesake, where the student's FFN block is kept.
  closest = 3,          ///< Each of four layers into the closest student layer.
  closest_ordered = 4,  ///< The same, from the last to the first, never crossing.
  random_layers = 5,    ///< As 4, with four teacher layers drawn anew for each micro-batch.
  random_windows = 6,   ///< As 4, with one teacher layer drawn from each quarter of the depth.
};

/// Whether a student layer exists, in versions 4 to 6.
enum class Matching {
  reference,  ///< The authors' code: tests the layer whose index is the candidate's rank.
  fixed,      ///< Tests the candidate's own layer.
};

/// One distilled pair of layers, counted from 0.
struct LayerPair {
  std::int64_t teacher;
  std::int64_t student;
};

/// The teacher's layers L/4-1, L/2-1, 3L/4-1 and L-1 of L, ascending, without repetition.
std::vector<std::int64_t> quarter_layers(std::int64_t num_layers);

/// The teacher's layers for `version` (not `same_layer`): `quarter_layers`, or as many drawn from
/// libtorch's default generator, the first of them moved up to the first quarter of the depth.
std::vector<std::int64_t> distilled_layers(AlignmentVersion version, std::int64_t num_layers);

/// Pairs each of `teacher_layers` with a student layer. `distances` [T, S] holds the distance of
/// every student layer to each of them; `exists` [S] is empty when every student layer exists. A
/// teacher layer for which there is no student layer is left out.
std::vector<LayerPair> align_layers(AlignmentVersion version, Matching matching,
                                    const std::vector<std::int64_t>& teacher_layers,
                                    const at::Tensor& distances, const std::vector<bool>& exists);

}  // namespace prumux::cofi
