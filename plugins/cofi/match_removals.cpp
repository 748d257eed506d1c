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

/// Which offsets a stage of the search moves: fewer from stage to stage, down to the smallest unit.
enum class Stage { all_units, heads_and_intermediates, intermediates };

/// What is added to the log-alphas of each kind.
struct Offsets {
  double coarse = 0.0;  ///< Hidden dimensions and whole blocks.
  double head = 0.0;
  double intermediate = 0.0;

  Offsets moved(Stage stage, double offset) const {
    Offsets result = *this;
    result.intermediate = offset;
    if (stage != Stage::intermediates) result.head = offset;
    if (stage == Stage::all_units) result.coarse = offset;
    return result;
  }
};

struct Candidate {
  Offsets offsets;
  Removals removals;
  double share;
  double error;
};

class Search {
 public:
  Search(const UnitTensors& log_alphas, const EncoderConfig& encoder, double temperature,
         double target)
      : log_alphas_(log_alphas.map(
            [](const at::Tensor& tensor) { return tensor.detach().to(at::kCPU, at::kDouble); })),
        encoder_(encoder),
        size_(encoder),
        temperature_(temperature),
        target_(target) {}

  Candidate best_from(const Offsets& start, Stage stage) const {
    auto [nearer, farther] = bracket(start, stage);
    if (stage == Stage::intermediates || nearer.error <= kTolerance) return nearer;
    const Stage finer =
        stage == Stage::all_units ? Stage::heads_and_intermediates : Stage::intermediates;
    Candidate best = nearer;
    for (const Offsets& offsets : {nearer.offsets, farther.offsets}) {
      Candidate refined = best_from(offsets, finer);
      if (refined.error < best.error) best = std::move(refined);
      if (best.error <= kTolerance) break;
    }
    return best;
  }

 private:
  Candidate evaluate(const Offsets& offsets) const {
    UnitTensors shifted;
    const auto add = [](const at::Tensor& log_alpha, double offset) {
      return log_alpha.defined() ? log_alpha + offset : log_alpha;
    };
    shifted.head = add(log_alphas_.head, offsets.head);
    shifted.intermediate = add(log_alphas_.intermediate, offsets.intermediate);
    shifted.hidden = add(log_alphas_.hidden, offsets.coarse);
    shifted.mlp = add(log_alphas_.mlp, offsets.coarse);
    shifted.head_layer = add(log_alphas_.head_layer, offsets.coarse);
    Candidate candidate;
    candidate.offsets = offsets;
    candidate.removals = Removals::expected(shifted, encoder_, temperature_);
    candidate.share = size_.removed_share(candidate.removals.kept(encoder_));
    candidate.error = std::abs(candidate.share - target_);
    return candidate;
  }

  /// The structures on both sides of the target, the nearer one first.
  std::pair<Candidate, Candidate> bracket(const Offsets& start, Stage stage) const {
    double removing = -kLargestOffset;
    double keeping = kLargestOffset;
    Candidate larger = evaluate(start.moved(stage, removing));
    Candidate smaller = evaluate(start.moved(stage, keeping));
    for (int round = 0; round < kBisections; ++round) {
      const double middle = (removing + keeping) / 2;
      Candidate candidate = evaluate(start.moved(stage, middle));
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
  const Search search(log_alphas, encoder, temperature, target);
  return search.best_from(Offsets{}, Stage::all_units).removals;
}

}  // namespace prumux::cofi
