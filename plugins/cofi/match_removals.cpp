#include <ATen/ATen.h>

#include <array>
#include <cmath>
#include <utility>

#include "removals.h"

namespace prumux::cofi {
namespace {

constexpr double kTolerance = 0.002;
// Beyond this offset every probability is at its bound, whatever the log-alpha.
constexpr double kLargestOffset = 25.0;
constexpr int kBisections = 45;
// Log-alphas at their bounds are equal, and would flip together.
constexpr double kTieBreak = 1e-6;

/// What is added to the log-alphas of each kind.
struct Offsets {
  double block = 0.0;  ///< Whole attention and FFN blocks.
  double hidden = 0.0;
  double head = 0.0;
  double intermediate = 0.0;
};

/// The kinds whose offset a stage of the search moves.
struct Stage {
  bool block;
  bool hidden;
  bool head;
  bool intermediate;

  Offsets moved(Offsets offsets, double offset) const {
    if (block) offsets.block = offset;
    if (hidden) offsets.hidden = offset;
    if (head) offsets.head = offset;
    if (intermediate) offsets.intermediate = offset;
    return offsets;
  }
};

/// From everything to the units of which a single one changes the share least.
constexpr std::array<Stage, 5> kStages = {{{true, true, true, true},
                                           {false, true, true, true},
                                           {false, false, true, true},
                                           {false, true, false, false},
                                           {false, false, false, true}}};

struct Candidate {
  Offsets offsets;
  Removals removals;
  double share = 0.0;
  double error = 0.0;
};

class Search {
 public:
  Search(const UnitTensors& log_alphas, const EncoderConfig& encoder, double temperature,
         double target)
      : log_alphas_(separated(log_alphas)),
        encoder_(encoder),
        size_(encoder),
        temperature_(temperature),
        target_(target) {}

  Candidate best_from(const Offsets& start, std::size_t stage) const {
    const auto [nearer, farther] = bracket(start, kStages[stage]);
    Candidate best = nearer;
    if (stage + 1 == kStages.size()) return best;
    for (const Offsets& offsets : {nearer.offsets, farther.offsets}) {
      if (best.error <= kTolerance) break;
      Candidate refined = best_from(offsets, stage + 1);
      if (refined.error < best.error) best = std::move(refined);
    }
    return best;
  }

 private:
  /// In double, and without ties between layers: the last layers lose their units first.
  static UnitTensors separated(const UnitTensors& log_alphas) {
    UnitTensors values = log_alphas.map(
        [](const at::Tensor& tensor) { return tensor.detach().to(at::kCPU, at::kDouble); });
    const auto separate = [](at::Tensor& rows, double first) {
      if (!rows.defined()) return;
      const at::Tensor order = at::arange(rows.size(0), at::kDouble) * 2 + first;
      rows = rows - (rows.dim() == 2 ? order.unsqueeze(1) : order) * kTieBreak;
    };
    separate(values.head, 0);
    separate(values.intermediate, 0);
    separate(values.mlp, 0);
    separate(values.head_layer, 1);
    return values;
  }

  Candidate evaluate(const Offsets& offsets) const {
    const auto add = [](const at::Tensor& log_alpha, double offset) {
      return log_alpha.defined() ? log_alpha + offset : log_alpha;
    };
    UnitTensors shifted;
    shifted.head = add(log_alphas_.head, offsets.head);
    shifted.intermediate = add(log_alphas_.intermediate, offsets.intermediate);
    shifted.hidden = add(log_alphas_.hidden, offsets.hidden);
    shifted.mlp = add(log_alphas_.mlp, offsets.block);
    shifted.head_layer = add(log_alphas_.head_layer, offsets.block);
    Candidate candidate;
    candidate.offsets = offsets;
    candidate.removals = Removals::expected(shifted, encoder_, temperature_);
    candidate.share = size_.removed_share(candidate.removals.kept(encoder_));
    candidate.error = std::abs(candidate.share - target_);
    return candidate;
  }

  /// The structures on both sides of the target, the nearer one first.
  std::pair<Candidate, Candidate> bracket(const Offsets& start, const Stage& stage) const {
    double removing = -kLargestOffset;
    double keeping = kLargestOffset;
    Candidate larger = evaluate(stage.moved(start, removing));
    Candidate smaller = evaluate(stage.moved(start, keeping));
    for (int round = 0; round < kBisections; ++round) {
      const double middle = (removing + keeping) / 2;
      Candidate candidate = evaluate(stage.moved(start, middle));
      if (candidate.share >= target_) {
        removing = middle;
        larger = std::move(candidate);
      } else {
        keeping = middle;
        smaller = std::move(candidate);
      }
    }
    if (larger.error <= smaller.error) return {larger, smaller};
    return {smaller, larger};
  }

  UnitTensors log_alphas_;
  const EncoderConfig& encoder_;
  StructureSize size_;
  double temperature_;
  double target_;
};

}  // namespace

Removals match_removals(const UnitTensors& log_alphas, const EncoderConfig& encoder,
                        double temperature, double target) {
  return Search(log_alphas, encoder, temperature, target).best_from(Offsets{}, 0).removals;
}

}  // namespace prumux::cofi
