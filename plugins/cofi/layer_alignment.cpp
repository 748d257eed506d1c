#include "layer_alignment.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace prumux::cofi {
namespace {

std::vector<std::int64_t> random_layers(std::int64_t num_layers, std::int64_t count) {
  const at::Tensor drawn = at::randperm(num_layers, at::kLong);
  const std::int64_t* first = drawn.const_data_ptr<std::int64_t>();
  std::vector<std::int64_t> layers(first, first + count);
  std::sort(layers.begin(), layers.end());
  return layers;
}

/// One layer from each window that ends at one of `ends`.
std::vector<std::int64_t> random_windows(const std::vector<std::int64_t>& ends) {
  std::vector<std::int64_t> layers;
  std::int64_t begin = 0;
  for (const std::int64_t end : ends) {
    layers.push_back(at::randint(begin, end + 1, {1}, at::kLong).item<std::int64_t>());
    begin = end + 1;
  }
  return layers;
}

std::vector<LayerPair> closest_layers(const std::vector<std::int64_t>& teacher_layers,
                                      const at::Tensor& order) {
  std::vector<LayerPair> pairs;
  for (std::size_t row = 0; row < teacher_layers.size(); ++row) {
    const auto closest = order[static_cast<std::int64_t>(row)][0].item<std::int64_t>();
    pairs.push_back({teacher_layers[row], closest});
  }
  return pairs;
}

/// The closest student layer below `bound` that exists; `bound` itself when there is none.
std::int64_t closest_below(std::int64_t bound, Matching matching, const at::Tensor& order,
                           const std::vector<bool>& exists) {
  const std::int64_t* layers = order.const_data_ptr<std::int64_t>();
  for (std::int64_t rank = 0; rank < order.numel(); ++rank) {
    const std::int64_t layer = layers[rank];
    const auto tested = static_cast<std::size_t>(matching == Matching::fixed ? layer : rank);
    if (layer < bound && (exists.empty() || exists[tested])) return layer;
  }
  return bound;
}

std::vector<LayerPair> ordered_layers(Matching matching,
                                      const std::vector<std::int64_t>& teacher_layers,
                                      const at::Tensor& order, const std::vector<bool>& exists) {
  const std::int64_t num_student_layers = order.size(1);
  std::int64_t bound = num_student_layers;
  std::vector<LayerPair> pairs;
  for (auto row = static_cast<std::int64_t>(teacher_layers.size()) - 1; row >= 0; --row) {
    bound = closest_below(bound, matching, order[row], exists);
    if (bound == num_student_layers) continue;
    pairs.push_back({teacher_layers[static_cast<std::size_t>(row)], bound});
  }
  std::reverse(pairs.begin(), pairs.end());
  return pairs;
}

}  // namespace

std::vector<std::int64_t> quarter_layers(std::int64_t num_layers) {
  std::vector<std::int64_t> layers;
  for (std::int64_t quarter = 1; quarter <= 4; ++quarter) {
    const std::int64_t layer = std::max<std::int64_t>(quarter * num_layers / 4 - 1, 0);
    if (layers.empty() || layers.back() != layer) layers.push_back(layer);
  }
  return layers;
}

std::vector<std::int64_t> distilled_layers(AlignmentVersion version, std::int64_t num_layers) {
  const std::vector<std::int64_t> quarters = quarter_layers(num_layers);
  std::vector<std::int64_t> layers = quarters;
  if (version == AlignmentVersion::random_layers) {
    layers = random_layers(num_layers, static_cast<std::int64_t>(quarters.size()));
  } else if (version == AlignmentVersion::random_windows) {
    layers = random_windows(quarters);
  }
  layers.front() = std::max(layers.front(), quarters.front());
  return layers;
}

std::vector<LayerPair> align_layers(AlignmentVersion version, Matching matching,
                                    const std::vector<std::int64_t>& teacher_layers,
                                    const at::Tensor& distances, const std::vector<bool>& exists) {
  const at::Tensor order =
      at::argsort(distances.detach().to(at::kCPU), /*stable=*/true).contiguous();
  if (version == AlignmentVersion::closest) return closest_layers(teacher_layers, order);
  return ordered_layers(matching, teacher_layers, order, exists);
}

}  // namespace prumux::cofi
