#include <ATen/ATen.h>
#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>
#include <spdlog/spdlog.h>

#include "core/io/atomic_file.h"
#include "core/model/checkpoint_config.h"
#include "core/model/model.h"
#include "core/model/multiplexer_call.h"
#include "core/model/safetensors.h"
#include "core/model/state_reader.h"
#include "core/model/torch_archive.h"
#include "core/plugin/registry.h"
#include "prumux/error.h"

namespace prumux::model {
namespace {

namespace fs = std::filesystem;

TensorMap read_weights(const fs::path& directory) {
  const fs::path safe = directory / "model.safetensors";
  const fs::path pickled = directory / "pytorch_model.bin";
  if (fs::exists(safe)) return read_safetensors(safe);
  if (fs::exists(pickled)) return read_torch_archive(pickled);
  throw IoError(fmt::format("'{}' holds neither model.safetensors nor pytorch_model.bin",
                            directory.string()));
}

/// Whether `weights` hold any tensor of this multiplexer.
bool holds(const TensorMap& weights, const Multiplexer& multiplexer) {
  for (const auto& entry : multiplexer.named_parameters()) {
    if (weights.contains(entry.key())) return true;
    for (const std::string& alias : multiplexer.aliases(entry.key())) {
      if (weights.contains(alias)) return true;
    }
  }
  return false;
}

bool looks_multiplexed(const ModelConfig& config, const TensorMap& weights) {
  if (config.source.value("num_instances", nlohmann::json(1)) == 1) return false;
  for (const auto& entry : weights) {
    if (entry.first.starts_with("retrieval_head.")) return true;
  }
  return false;
}

/// Layers, multiplexer and heads are made before the weights are put in place, as many and as large
/// as config.json says.
void check_plausible(const ModelConfig& config, const TensorMap& weights) {
  constexpr double kGenerous = 64.0;
  constexpr double kSmall = 1e7;
  double stored = 0.0;
  for (const auto& entry : weights) stored += static_cast<double>(entry.second.numel());
  const auto hidden = static_cast<double>(config.encoder.hidden_size);
  const double wanted = hidden * (hidden + static_cast<double>(config.num_labels) +
                                  static_cast<double>(config.num_instances())) +
                        static_cast<double>(config.encoder.vocab_size);
  if (wanted > kGenerous * stored + kSmall) {
    throw DataError(fmt::format(
        "config.json asks for {:.3g} numbers outside of the layers, but the weights hold {:.3g}; "
        "does config.json belong to these weights?",
        wanted, stored));
  }
  const std::string prefix = config.encoder.model_type + ".";
  StateReader reader(weights, prefix);
  for (std::int64_t layer = 0; layer < config.encoder.num_hidden_layers; ++layer) {
    // Every layer has it, whatever was pruned.
    reader.require(
        fmt::format("{}encoder.layer.{}.attention.output.LayerNorm.weight", prefix, layer));
  }
}

void warn_about_missing(const fs::path& directory, const std::vector<std::string>& missing) {
  if (missing.empty()) return;
  spdlog::warn("'{}' lacks {}; they are freshly initialised", directory.string(),
               fmt::join(missing, ", "));
}

}  // namespace

std::shared_ptr<Model> load_model(const fs::path& directory) {
  ModelConfig config = ModelConfig::load(directory);
  const TensorMap weights = read_weights(directory);
  try {
    check_plausible(config, weights);
    std::shared_ptr<Model> model(new Model(config, Model::Weights::unset));
    const bool ours = config.source.contains("prumux");
    if (model->multiplexer() && !ours && !holds(weights, *model->multiplexer())) {
      config.multiplexer.reset();
      model.reset(new Model(config, Model::Weights::unset));
    } else if (!model->multiplexer() && looks_multiplexed(config, weights)) {
      throw DataError("its config.json describes a multiplexed model that no multiplexer knows\n" +
                      plugin::Registry::instance().describe_search(PRUMUX_MULTIPLEXER));
    }
    warn_about_missing(directory, model->load_state(weights));
    return model;
  } catch (const DataError& problem) {
    throw DataError(fmt::format("model '{}': {}", directory.string(), problem.what()));
  } catch (const c10::Error& problem) {
    throw DataError(fmt::format("model '{}' cannot be built as its config.json says: {}",
                                directory.string(), problem.what_without_backtrace()));
  }
}

nlohmann::json checkpoint_config(const Model& model) {
  nlohmann::json config = model.config().to_json();
  if (!model.multiplexer()) return config;
  const MultiplexerConfig& method = *model.config().multiplexer;
  const std::string text = call_multiplexer(
      method, "checkpoint_fields", [&] { return model.multiplexer()->checkpoint_fields(); });
  const nlohmann::json fields = nlohmann::json::parse(text, nullptr, false);
  if (!fields.is_object()) {
    throw PluginError(describe_multiplexer(method) +
                      " failed in checkpoint_fields: it returned no JSON object");
  }
  config.update(fields);
  return config;
}

void save_model(const Model& model, const fs::path& directory) {
  const nlohmann::json config = checkpoint_config(model);
  write_safetensors(directory / "model.safetensors", model.state());
  io::write_file_atomically(directory / "config.json", config.dump(2) + "\n");
}

}  // namespace prumux::model
