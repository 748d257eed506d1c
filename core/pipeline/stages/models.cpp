#include "core/pipeline/stages/models.h"

#include <ATen/Parallel.h>
#include <spdlog/fmt/fmt.h>
#include <torch/headeronly/version.h>

#include <array>
#include <string_view>

#include "core/config/plugin_schema.h"
#include "core/io/atomic_file.h"
#include "core/model/longest_row.h"
#include "core/pipeline/stages/data_files.h"
#include "core/pipeline/stages/fresh_model.h"
#include "core/pipeline/stages/methods.h"
#include "core/text/tokenizer_files.h"
#include "prumux/error.h"
#include "prumux/structure.h"

namespace prumux::pipeline {
namespace {

namespace fs = std::filesystem;
using config::Problems;
using config::Value;

constexpr std::array<std::string_view, 3> kModelFiles = {"config.json", "model.safetensors",
                                                         "pytorch_model.bin"};

void check_instances(const model::ModelConfig& stored, const Value& pipeline, Problems& problems) {
  if (!stored.multiplexer) return;
  const Value& instances = pipeline.at("multiplexer").at("instances");
  if (instances.integer() == stored.num_instances()) return;
  problems.add(instances.place,
               fmt::format("multiplexer.instances '{}' - expected {}, for which the model of "
                           "model.from was made; start from a plain model for another number",
                           instances.text, stored.num_instances()));
}

void add_multiplexer(Record& record, const Value& pipeline, Problems& problems) {
  const Value& section = pipeline.at("multiplexer");
  record.add("multiplexer.instances", section.at("instances"));
  if (section.at("instances").integer() == 1) return;
  record.add("multiplexer.method", section.at("method"));
  record.add("multiplexer.padding", section.at("padding"));
  record.add("multiplexer.params", section.at("params"));
  if (const plugin::Method* method =
          find_method(PRUMUX_MULTIPLEXER, section.at("method"), problems)) {
    add_method(record, "multiplexer", *method);
  }
}

std::optional<model::MultiplexerConfig> multiplexer_config(const Value& pipeline) {
  const Value& section = pipeline.at("multiplexer");
  if (section.at("instances").integer() == 1) return std::nullopt;
  const std::string& name = section.at("method").string();
  const plugin::Method& method = plugin::Registry::instance().find(PRUMUX_MULTIPLEXER, name);
  return model::MultiplexerConfig{name, section.at("instances").integer(),
                                  section.at("padding").string() == "masked"
                                      ? PaddingSemantics::masked
                                      : PaddingSemantics::attended,
                                  parameters_of(method, section.at("params"))};
}

/// Of a model whose rows begin as `tokenizer` makes them.
std::optional<model::MultiplexerConfig> multiplexer_config(const Value& pipeline,
                                                           const text::Tokenizer& tokenizer) {
  std::optional<model::MultiplexerConfig> config = multiplexer_config(pipeline);
  if (config) config->cls_token_id = tokenizer.class_id();
  return config;
}

/// A plain model gets the multiplexer that the section describes, with fresh weights.
std::shared_ptr<model::Model> multiplexed(std::shared_ptr<model::Model> stored,
                                          const Value& pipeline, const text::Tokenizer& tokenizer) {
  if (stored->config().multiplexer || instances_of(pipeline) == 1) return stored;
  model::ModelConfig config = stored->config();
  config.multiplexer = multiplexer_config(pipeline, tokenizer);
  auto result = std::make_shared<model::Model>(config);
  result->load_state(stored->state());
  return result;
}

std::shared_ptr<model::Model> described_model(const Value& pipeline,
                                              const text::Tokenizer& tokenizer) {
  const Value& section = pipeline.at("model");
  const Value* from = section.find("from");
  if (from == nullptr) {
    model::ModelConfig config;
    config.encoder = fresh_encoder(section.at("config"), tokenizer);
    config.multiplexer = multiplexer_config(pipeline, tokenizer);
    return std::make_shared<model::Model>(config);
  }
  return multiplexed(model::load_model(from->path()), pipeline, tokenizer);
}

/// Tokens of a row for which the described model has positions.
std::int64_t longest_row(const Value& pipeline) {
  model::ModelConfig config;
  if (const Value* from = pipeline.at("model").find("from")) {
    config = model::ModelConfig::load(from->path());
  } else {
    config.encoder = fresh_encoder(pipeline.at("model").at("config"), *start_tokenizer(pipeline));
  }
  if (!config.multiplexer) config.multiplexer = multiplexer_config(pipeline);
  return model::longest_row(config);
}

void compare_length(const std::string& name, const Value& length, std::int64_t longest,
                    Problems& problems) {
  if (length.integer() <= longest) return;
  problems.add(length.place,
               fmt::format("{} '{}' - expected at most {}: the model has no positions "
                           "for more tokens",
                           name, length.text, longest));
}

/// Of a model whose parts are all there.
void check_fit(const Value& pipeline, Problems& problems) {
  try {
    compare_length("data.max_length", pipeline.at("data").at("max_length"), longest_row(pipeline),
                   problems);
  } catch (const Error& problem) {
    problems.add_error(pipeline.at("multiplexer").place, problem);
  }
}

}  // namespace

std::int64_t instances_of(const Value& pipeline) {
  return pipeline.at("multiplexer").at("instances").integer();
}

void add_stored_model(Record& record, const Value& pipeline, Problems& problems) {
  const Value& from = pipeline.at("model").at("from");
  const fs::path folder = from.path();
  try {
    const model::ModelConfig stored = model::ModelConfig::load(folder);
    check_instances(stored, pipeline, problems);
    text::Tokenizer::load(folder);
  } catch (const Error& problem) {
    problems.add(from.place, fmt::format("model.from: {}", problem.what()));
    return;
  }
  if (!fs::exists(folder / "model.safetensors") && !fs::exists(folder / "pytorch_model.bin")) {
    problems.add(from.place, fmt::format("model.from '{}' - expected model.safetensors or "
                                         "pytorch_model.bin in it",
                                         from.text));
  }
  add_files(record, "model.from", folder, kModelFiles, from.place, problems);
  add_files(record, "model.from", folder, text::kTokenizerFiles, from.place, problems);
}

void add_start_model(Record& record, const StageRequest& request, Problems& problems) {
  record.add("torch", TORCH_VERSION);
  if (request.pipeline.at("threads").integer() == 0) {
    record.add("threads of this machine", std::to_string(at::get_num_threads()));
  }
  if (request.adds_multiplexer) {
    add_multiplexer(record, request.pipeline, problems);
    if (problems.empty()) check_fit(request.pipeline, problems);
  }
  if (request.inputs.contains("from")) return;
  const Value& section = request.pipeline.at("model");
  if (section.has("from") == section.has("config")) {
    problems.add(section.place,
                 "model - expected either 'from' (a model folder) or 'config' (fresh "
                 "weights), not both");
    return;
  }
  Problems own;
  add_multiplexer(record, request.pipeline, own);
  if (section.has("from")) {
    add_stored_model(record, request.pipeline, own);
  } else {
    add_fresh_model(record, section, own);
  }
  if (own.empty()) check_fit(request.pipeline, own);
  for (const std::string& line : own.lines()) problems.add_line(line);
}

void check_length(const std::string& name, const Value& length, const Value& pipeline,
                  Problems& problems) {
  try {
    compare_length(name, length, longest_row(pipeline), problems);
  } catch (const Error&) {
    return;
  }
}

std::shared_ptr<const text::Tokenizer> start_tokenizer(const Value& pipeline) {
  const Value& section = pipeline.at("model");
  if (const Value* from = section.find("from")) {
    return std::make_shared<const text::Tokenizer>(text::Tokenizer::load(from->path()));
  }
  return fresh_tokenizer(section);
}

TokenModel start_model(const StageJob& job) {
  const auto from = job.inputs.find("from");
  if (from == job.inputs.end()) {
    auto tokenizer = start_tokenizer(job.pipeline);
    return {described_model(job.pipeline, *tokenizer), tokenizer};
  }
  const fs::path folder = from->second / "model";
  std::shared_ptr<model::Model> model = model::load_model(folder);
  auto tokenizer = std::make_shared<const text::Tokenizer>(text::Tokenizer::load(folder));
  if (job.adds_multiplexer) model = multiplexed(std::move(model), job.pipeline, *tokenizer);
  return {std::move(model), std::move(tokenizer)};
}

std::shared_ptr<model::Model> input_model(const StageJob& job, const std::string& port) {
  const auto input = job.inputs.find(port);
  return input == job.inputs.end() ? nullptr : model::load_model(input->second / "model");
}

void save(const TokenModel& model, const fs::path& folder) {
  io::write_folder_atomically(folder / "model", [&](const fs::path& temporary) {
    model::save_model(*model.model, temporary);
    model.tokenizer->save(temporary);
  });
}

double sparsity_of(const model::Model& model) {
  double kept = 0.0;
  for (const auto& [name, tensor] : model.state()) {
    if (is_block_parameter(name)) kept += static_cast<double>(tensor.numel());
  }
  const auto dense = static_cast<double>(UnitCosts::of(model.config().encoder).prunable);
  return 1.0 - kept / dense;
}

}  // namespace prumux::pipeline
