#include "prumux/structure_scores.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "prumux/error.h"

namespace prumux {
namespace {

/// Parameters of the blocks' units in a model of `hidden` dimensions.
struct Costs {
  std::int64_t head;          ///< Rows and biases of Q, K and V, columns of the output.
  std::int64_t intermediate;  ///< Row and bias of the first matrix, column of the second.
  std::int64_t block;         ///< Bias of the block's output.

  static Costs of(const EncoderConfig& encoder, std::int64_t hidden) {
    return {encoder.head_size() * (4 * hidden + 3), 2 * hidden + 1, hidden};
  }

  std::int64_t layer(std::int64_t heads, std::int64_t intermediate_dimensions) const {
    return heads * head + intermediate_dimensions * intermediate + 2 * block;
  }
};

std::int64_t dense_parameters(const EncoderConfig& encoder) {
  return encoder.num_hidden_layers *
         Costs::of(encoder, encoder.hidden_size)
             .layer(encoder.num_attention_heads, encoder.intermediate_size);
}

at::Tensor values_of(const at::Tensor& scores, const char* kind) {
  at::Tensor values = scores.detach().to(at::kCPU, at::kDouble);
  if (!at::isfinite(values).all().item<bool>()) {
    throw DataError(std::string("the importance of a ") + kind +
                    " is not a number; train with a lower learning rate, or later");
  }
  return values;
}

/// Scores [L, n] that can be compared with those of other kinds and layers.
at::Tensor comparable(const at::Tensor& scores, const char* kind, std::int64_t cost,
                      Ranking ranking) {
  const at::Tensor values = values_of(scores, kind);
  if (ranking == Ranking::global) return values / static_cast<double>(cost);
  const at::Tensor centred = values - values.mean(1, /*keepdim=*/true);
  return centred / centred.square().mean(1, /*keepdim=*/true).sqrt().clamp_min(1e-300);
}

at::Tensor hidden_mask(const at::Tensor& scores, const EncoderConfig& encoder, double sparsity) {
  const auto width = static_cast<double>(encoder.hidden_size);
  const std::int64_t kept =
      std::max<std::int64_t>(1, std::llround(width * std::sqrt(1.0 - sparsity)));
  const at::Tensor order =
      at::argsort(values_of(scores, "hidden dimension"), /*stable=*/true, 0, /*descending=*/true);
  return at::zeros({encoder.hidden_size}).index_fill_(0, order.narrow(0, 0, kept), 1.0);
}

/// Removes heads and intermediate dimensions, the least important first.
class Removal {
 public:
  Removal(const EncoderConfig& encoder, const Costs& costs)
      : costs_(costs),
        heads_(encoder.num_attention_heads),
        intermediate_(encoder.intermediate_size),
        layers_(encoder.num_hidden_layers),
        head_mask_(at::ones({layers_, heads_})),
        intermediate_mask_(at::ones({layers_, intermediate_})),
        left_heads_(static_cast<std::size_t>(layers_), heads_),
        left_intermediate_(static_cast<std::size_t>(layers_), intermediate_) {}

  /// `order`: the units to choose from, heads [L*H] before intermediate dimensions [L*I] counted.
  void remove(const at::Tensor& order, double parameters) {
    double left = parameters + static_cast<double>(costs_.intermediate) / 2;
    const std::int64_t* unit = order.const_data_ptr<std::int64_t>();
    for (const std::int64_t* end = unit + order.numel(); unit != end; ++unit) {
      const bool is_head = *unit < layers_ * heads_;
      const std::int64_t index = is_head ? *unit : *unit - layers_ * heads_;
      std::int64_t& others =
          is_head ? left_heads_[static_cast<std::size_t>(index / heads_)]
                  : left_intermediate_[static_cast<std::size_t>(index / intermediate_)];
      const std::int64_t cost =
          (is_head ? costs_.head : costs_.intermediate) + (others == 1 ? costs_.block : 0);
      if (static_cast<double>(cost) > left) continue;
      left -= static_cast<double>(cost);
      --others;
      (is_head ? head_mask_ : intermediate_mask_).data_ptr<float>()[index] = 0.0F;
    }
  }

  void store(StructureMasks& masks) const {
    masks.head = head_mask_;
    masks.intermediate = intermediate_mask_;
    masks.head_layer = head_mask_.amax(1);
    masks.mlp = intermediate_mask_.amax(1);
  }

 private:
  Costs costs_;
  std::int64_t heads_;
  std::int64_t intermediate_;
  std::int64_t layers_;
  at::Tensor head_mask_;
  at::Tensor intermediate_mask_;
  std::vector<std::int64_t> left_heads_;
  std::vector<std::int64_t> left_intermediate_;
};

/// The units of both kinds from the least important on, numbered as `Removal` does. A kind without
/// scores is left out.
at::Tensor removal_order(const StructureScores& scores, const EncoderConfig& encoder,
                         const Costs& costs, Ranking ranking) {
  std::vector<at::Tensor> values, numbers;
  const std::int64_t heads = encoder.num_hidden_layers * encoder.num_attention_heads;
  const auto add = [&](const at::Tensor& kind, std::int64_t first) {
    values.push_back(kind.flatten());
    numbers.push_back(at::arange(kind.numel(), at::kLong) + first);
  };
  if (scores.head.defined()) add(comparable(scores.head, "head", costs.head, ranking), 0);
  if (scores.intermediate.defined()) {
    add(comparable(scores.intermediate, "intermediate dimension", costs.intermediate, ranking),
        heads);
  }
  if (values.empty()) return at::empty({0}, at::kLong);
  return at::cat(numbers).index_select(0, at::argsort(at::cat(values), /*stable=*/true));
}

}  // namespace

StructureMasks keep_most_important(const StructureScores& scores, const EncoderConfig& encoder,
                                   double sparsity, Ranking ranking) {
  StructureMasks shapes;
  shapes.head = scores.head;
  shapes.intermediate = scores.intermediate;
  shapes.hidden = scores.hidden;
  shapes.check(encoder);

  StructureMasks masks;
  std::int64_t hidden = encoder.hidden_size;
  if (scores.hidden.defined()) {
    masks.hidden = hidden_mask(scores.hidden, encoder, sparsity);
    hidden = masks.hidden.count_nonzero().item<std::int64_t>();
  }
  const Costs costs = Costs::of(encoder, hidden);
  const std::int64_t present = encoder.num_hidden_layers *
                               costs.layer(encoder.num_attention_heads, encoder.intermediate_size);
  const double wanted = (1.0 - sparsity) * static_cast<double>(dense_parameters(encoder));
  Removal removal(encoder, costs);
  removal.remove(removal_order(scores, encoder, costs, ranking),
                 static_cast<double>(present) - wanted);
  removal.store(masks);
  return masks;
}

double removed_share(const StructureMasks& masks, const EncoderConfig& encoder) {
  const PrunePlan plan = PrunePlan::from_masks(masks, encoder);
  const Costs costs = Costs::of(encoder, static_cast<std::int64_t>(plan.hidden.size()));
  std::int64_t kept = 0;
  for (const LayerPlan& layer : plan.layers) {
    kept += costs.layer(static_cast<std::int64_t>(layer.heads.size()),
                        static_cast<std::int64_t>(layer.intermediate.size()));
    kept -= layer.attention_present ? 0 : costs.block;
    kept -= layer.mlp_present ? 0 : costs.block;
  }
  return 1.0 - static_cast<double>(kept) / static_cast<double>(dense_parameters(encoder));
}

}  // namespace prumux
