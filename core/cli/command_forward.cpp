#include <ATen/ATen.h>
#include <ATen/autocast_mode.h>
#include <c10/core/InferenceMode.h>
#include <spdlog/fmt/fmt.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "core/cli/commands.h"
#include "core/cli/device_argument.h"
#include "core/cli/output_file.h"
#include "core/cli/print_json.h"
#include "core/model/masks_file.h"
#include "core/model/model.h"
#include "core/model/safetensors.h"
#include "core/runtime/device/device_encoder.h"
#include "prumux/error.h"

namespace prumux::cli {
namespace {

struct ForwardOptions {
  std::filesystem::path model;
  std::filesystem::path inputs;
  std::filesystem::path outputs;
  std::filesystem::path masks;
  std::string dtype = "float32";
  DeviceArgument device;
  bool hidden_states = false;
};

/// Integers of any width; undefined when the file has none.
at::Tensor find_integers(const TensorMap& tensors, const std::string& name,
                         const std::filesystem::path& file) {
  const auto found = tensors.find(name);
  if (found == tensors.end()) return {};
  if (found->second.is_floating_point()) {
    throw DataError(fmt::format("'{}': tensor '{}' has the type {}, expected integers",
                                file.string(), name, c10::toString(found->second.scalar_type())));
  }
  return found->second.to(at::kLong);
}

model::ModelInputs read_inputs(const std::filesystem::path& file) {
  const TensorMap tensors = model::read_safetensors(file);
  model::ModelInputs inputs;
  inputs.input_ids = find_integers(tensors, "input_ids", file);
  if (!inputs.input_ids.defined()) {
    throw DataError(fmt::format("'{}' has no tensor 'input_ids' [rows, L]", file.string()));
  }
  inputs.attention_mask = find_integers(tensors, "attention_mask", file);
  inputs.token_type_ids = find_integers(tensors, "token_type_ids", file);
  return inputs;
}

ForwardRecord run_on_cpu(const ForwardOptions& options, model::Model& model,
                         const model::ModelInputs& inputs) {
  model::ForwardOptions forward;
  forward.hidden_states = options.hidden_states;
  std::optional<StructureMasks> masks;
  if (!options.masks.empty()) {
    masks = model::read_masks(options.masks, model.config().encoder);
    forward.masks = &*masks;
  }
  const c10::InferenceMode inference;
  // For the rest of the process: it runs one model once.
  at::autocast::set_autocast_dtype(at::kCPU, at::kBFloat16);
  at::autocast::set_autocast_enabled(at::kCPU, options.dtype == "bfloat16");
  return model.forward(inputs, forward);
}

ForwardRecord run_on_gpu(const ForwardOptions& options, const model::Model& model,
                         const model::ModelInputs& inputs,
                         std::shared_ptr<const runtime::RowKernels> kernels) {
  const runtime::DeviceEncoder encoder(model, at::Device(at::kCUDA, 0),
                                       options.dtype == "bfloat16" ? at::kBFloat16 : at::kFloat,
                                       std::move(kernels));
  ForwardRecord record;
  record.logits = encoder.logits(inputs);
  return record;
}

void run(const ForwardOptions& options) {
  if (options.device.name == "cuda" && (options.hidden_states || !options.masks.empty())) {
    throw ConfigError(
        "--device cuda computes logits of the model as it is; leave out --hidden-states and "
        "--masks");
  }
  require_other_file("--inputs", options.inputs, "--outputs", options.outputs);
  const std::shared_ptr<const runtime::RowKernels> kernels = options.device.resolve();
  const model::ModelInputs inputs = read_inputs(options.inputs);
  const std::shared_ptr<model::Model> model = model::load_model(options.model);
  model->eval();
  const ForwardRecord record =
      kernels ? run_on_gpu(options, *model, inputs, kernels) : run_on_cpu(options, *model, inputs);

  TensorMap outputs = {{"logits", record.logits.to(at::kFloat)}};
  for (std::size_t index = 0; index < record.hidden_states.size(); ++index) {
    outputs["hidden_states." + std::to_string(index)] = record.hidden_states[index].to(at::kFloat);
  }
  model::write_safetensors(options.outputs, outputs);
  const nlohmann::json result = {{"rows", record.logits.size(0)},
                                 {"labels", model->config().num_labels},
                                 {"instances", model->num_instances()},
                                 {"outputs", options.outputs.string()}};
  print_json(result, false);
  if (!record.logits.isfinite().all().item<bool>()) {
    throw NumericError(
        "'" + options.outputs.string() +
        "' has logits that are no finite numbers: the model's weights are damaged, or "
        "its training diverged");
  }
}

}  // namespace

void add_forward(CLI::App& app) {
  const auto options = std::make_shared<ForwardOptions>();
  CLI::App* command = app.add_subcommand(
      "forward", "Runs a model on token ids: tensors in, logits and hidden states out");
  command->add_option("model", options->model, "Model folder")->required()->type_name("MODEL_DIR");
  command
      ->add_option("--inputs", options->inputs,
                   "safetensors file with input_ids [rows, L], optional attention_mask and "
                   "token_type_ids; row r is instance r mod N of group r / N")
      ->required()
      ->type_name("FILE");
  command->add_option("--outputs", options->outputs, "safetensors file to write")
      ->required()
      ->type_name("FILE");
  command
      ->add_option("--masks", options->masks,
                   "File with head_z, head_layer_z, intermediate_z, mlp_z, hidden_z, any of them")
      ->type_name("FILE");
  command->add_option("--dtype", options->dtype, "Precision of the matrix products")
      ->check(CLI::IsMember({"float32", "bfloat16"}))
      ->capture_default_str();
  options->device.add_to(*command);
  command->add_flag("--hidden-states", options->hidden_states,
                    "Also write hidden_states.0 (embeddings) to hidden_states.LAYERS");
  command->footer(
      "Example:\n"
      "  prumux forward runs/sst2/model --inputs batch.safetensors --outputs logits.safetensors\n\n"
      "Results depend on the grouping of the rows; an incomplete last group is filled up with the\n"
      "first rows.");
  command->callback([options] { run(*options); });
}

}  // namespace prumux::cli
