#include "core/onnx/export.h"

#include <ATen/ATen.h>
#include <spdlog/fmt/fmt.h>

#include <limits>

#include "core/io/atomic_file.h"
#include "core/model/checkpoint_config.h"
#include "core/model/encoder.h"
#include "core/model/multiplexer_call.h"
#include "core/onnx/encoder_graph.h"
#include "core/onnx/multiplexer_graph.h"
#include "core/onnx/operations.h"
#include "prumux/error.h"

namespace prumux::onnx {
namespace {

using model::HeadKind;

InferenceForm form_of(const model::Model& model) {
  const model::MultiplexerConfig& config = *model.config().multiplexer;
  std::optional<InferenceForm> form = model::call_multiplexer(
      config, "inference_form", [&] { return model.multiplexer()->inference_form(); });
  if (!form || !form->mix || !form->separation) {
    throw DataError(fmt::format(
        "{} has no closed form with these parameters, so its model cannot be written as ONNX; use "
        "--to prumux or --to hf",
        model::describe_multiplexer(config)));
  }
  return std::move(*form);
}

class Exporter {
 public:
  explicit Exporter(const model::Model& model)
      : model_(model), encoder_(*model.encoder()), state_(model.state()) {}

  Graph build() {
    const std::vector<Dimension> shape = {"rows", "length"};
    const Value ids = graph_.input("input_ids", Graph::Element::int64, shape);
    const Value mask = graph_.input("attention_mask", Graph::Element::int64, shape);
    const Value features =
        model_.multiplexer() ? multiplexed_features(ids, mask) : plain_features(ids, mask, shape);
    write_logits(classify(features));
    graph_.note("instances", std::to_string(model_.num_instances()));
    return std::move(graph_);
  }

 private:
  bool reads_tokens() const { return model_.config().head != HeadKind::sequence; }

  /// [rows, d], or [rows, length, d] where every token is classified.
  Value plain_features(const Value& ids, const Value& mask, const std::vector<Dimension>& shape) {
    const bool typed = encoder_.embeddings().token_type.size(0) > 1;
    const Value types =
        typed ? graph_.input("token_type_ids", Graph::Element::int64, shape) : Value();
    const Value hidden = encode(graph_, encoder_, embed(graph_, encoder_, ids, types), mask);
    if (reads_tokens()) return hidden;
    const Value first = graph_.node("Gather", {hidden, position(0)}, {{"axis", std::int64_t{1}}});
    if (!model_.config().wants_pooler()) return first;
    const model::Affine& pooler = *encoder_.pooler();
    return activation(graph_, affine(graph_, first, pooler.weight, pooler.bias), Activation::tanh);
  }

  Value multiplexed_features(const Value& ids, const Value& mask) {
    const InferenceForm form = form_of(model_);
    const bool masked = model_.multiplexer()->padding() == PaddingSemantics::masked;
    const MultiplexerGraph multiplexer(graph_, form, model_.num_instances(), masked);
    const GroupedRows rows = multiplexer.group(ids, mask);
    const Value mixed = multiplexer.mix(embed(graph_, encoder_, rows.input_ids, ""), rows);
    const Value hidden =
        encode(graph_, encoder_, embed_again(graph_, encoder_, mixed, rows.input_ids),
               multiplexer.attention_mask(rows));
    const std::int64_t width = encoder_.config().hidden_size;
    if (!reads_tokens()) {
      const std::int64_t first = model_.multiplexer()->classification_position();
      const Value features =
          multiplexer.separate(hidden, slice(graph_, hidden, first, first + 1, 1));
      return graph_.node("Reshape", {features, integers(graph_, {-1, width})});
    }
    const Value tokens = slice(graph_, hidden, model_.multiplexer()->prefix_length(),
                               std::numeric_limits<std::int64_t>::max(), 1);
    const Value shape = graph_.node(
        "Concat", {integers(graph_, {-1}), last_size(graph_, ids), integers(graph_, {width})},
        {{"axis", std::int64_t{0}}});
    return graph_.node("Reshape", {multiplexer.separate(hidden, tokens), shape});
  }

  Value position(std::int64_t index) {
    return graph_.constant("position", at::scalar_tensor(index, at::kLong));
  }

  Value project(const Value& x, const std::string& name) {
    return affine(graph_, x, state_.at(name + ".weight"), state_.at(name + ".bias"));
  }

  Value classify(const Value& features) {
    if (state_.contains("classifier.weight")) return project(features, "classifier");
    const bool discriminates = model_.config().head == HeadKind::discriminator;
    const std::string dense =
        discriminates ? "discriminator_predictions.dense" : "classifier.dense";
    const std::string output =
        discriminates ? "discriminator_predictions.dense_prediction" : "classifier.out_proj";
    const Activation function =
        encoder_.config().model_type == "roberta" ? Activation::tanh : Activation::gelu;
    return project(activation(graph_, project(features, dense), function), output);
  }

  void write_logits(const Value& logits) {
    std::vector<Dimension> shape = {"rows"};
    if (reads_tokens()) shape.emplace_back("length");
    if (model_.config().head == HeadKind::discriminator) {
      graph_.output("logits", Graph::Element::float32,
                    graph_.node("Squeeze", {logits, integers(graph_, {2})}), shape);
      return;
    }
    shape.emplace_back(model_.config().num_labels);
    graph_.output("logits", Graph::Element::float32, logits, shape);
  }

  const model::Model& model_;
  const model::Encoder& encoder_;
  TensorMap state_;
  Graph graph_;
};

}  // namespace

void save_onnx(const model::Model& model, const std::filesystem::path& directory) {
  if (model.plugin_head()) {
    throw DataError(
        "the head of this model is code of a plugin, which has no form in ONNX; use --to prumux");
  }
  const at::NoGradGuard no_gradient;
  Exporter(model).build().write(directory / "model.onnx");
  io::write_file_atomically(directory / "config.json",
                            model::checkpoint_config(model).dump(2) + "\n");
}

}  // namespace prumux::onnx
