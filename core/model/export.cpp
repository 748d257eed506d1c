#include "core/model/export.h"

#include <ATen/ATen.h>
#include <spdlog/fmt/fmt.h>

#include "core/io/atomic_file.h"
#include "core/model/checkpoint_config.h"
#include "core/model/encoder.h"
#include "core/model/safetensors.h"
#include "core/model/vocabulary_head.h"
#include "core/plugin/registry.h"
#include "prumux/error.h"

namespace prumux::model {
namespace {

void check_expressible(const Model& model) {
  if (model.plugin_head()) {
    throw DataError(
        "the head of this model is code of a plugin, which other programs do not have. Use --to "
        "prumux");
  }
  const Encoder& encoder = *model.encoder();
  if (encoder.second_pass()) {
    throw DataError(
        "this multiplexed model has pruned hidden dimensions and an unpruned first embedding pass; "
        "the reference projects have no form for that. Use --to prumux");
  }
  if (encoder.factorised()) {
    throw DataError(
        "this model has factorised weights; the reference projects have no form for them. Use --to "
        "prumux");
  }
  for (std::size_t index = 0; index < encoder.layers().size(); ++index) {
    const Layer& layer = encoder.layers()[index];
    const bool no_heads = layer.attention && layer.attention->query.weight.size(0) == 0;
    const bool no_units =
        layer.feed_forward && layer.feed_forward->intermediate.weight.size(0) == 0;
    if (no_heads || no_units) {
      throw DataError(fmt::format(
          "layer {} has {} without units whose bias is still added; the reference projects drop "
          "such a bias, which changes the outputs. Use --to prumux",
          index, no_heads ? "an attention block" : "an FFN block"));
    }
  }
}

/// Whether the fields of the reference projects say all about the multiplexer. They attend to
/// padding.
bool is_described(const MultiplexerConfig& multiplexer, const nlohmann::json& config) {
  if (multiplexer.padding == PaddingSemantics::masked) return false;
  const auto recognised = plugin::Registry::instance().recognise(config.dump());
  return recognised && recognised->method == multiplexer.method;
}

}  // namespace

void save_hugging_face(const Model& model, const std::filesystem::path& directory) {
  check_expressible(model);
  TensorMap tensors = model.state();
  for (const auto& [name, alias] : model.alias_names()) {
    const auto found = tensors.find(name);
    if (found != tensors.end()) tensors.emplace(alias, found->second);
  }
  nlohmann::json config = checkpoint_config(model);
  const nlohmann::json own = config.value("prumux", nlohmann::json::object());
  config.erase("prumux");
  // Other readers ignore the field, and we read the same model again.
  const auto& multiplexer = model.config().multiplexer;
  if (multiplexer && !is_described(*multiplexer, config)) config["prumux"] = own;
  write_safetensors(directory / "model.safetensors", tensors);
  io::write_file_atomically(directory / "config.json", config.dump(2) + "\n");
}

}  // namespace prumux::model
