#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "core/cli/commands.h"
#include "core/cli/model_folder.h"
#include "core/cli/print_json.h"
#include "core/model/masks_file.h"
#include "core/model/model.h"
#include "core/model/present_units.h"

namespace prumux::cli {
namespace {

constexpr const char* kShrinkFooter = R"(Example:
  prumux shrink checkpoints/dense --masks zs.safetensors --out checkpoints/small
Where a model is pruned already, the first entries of a mask's row stand for the units that are left,
and the rest of the row is 0.)";

struct ShrinkOptions {
  std::filesystem::path model;
  std::filesystem::path masks;
  std::filesystem::path out;
};

void run(const ShrinkOptions& options) {
  check_output_folder(options.model, options.out);
  const std::shared_ptr<model::Model> model = model::load_model(options.model);
  const StructureMasks masks =
      model::fit_masks(model::read_masks(options.masks, model->config().encoder), *model);
  const std::int64_t encoder_before = model->encoder_parameter_count();
  const std::int64_t before = model->parameter_count();
  model->prune(PrunePlan::from_masks(masks, model->config().encoder));
  write_model_folder(options.model, options.out, [&](const std::filesystem::path& folder) {
    model::save_model(*model, folder);
  });
  const std::int64_t encoder_after = model->encoder_parameter_count();
  const nlohmann::json result = {
      {"out", options.out.string()},
      {"parameters_before", before},
      {"parameters_after", model->parameter_count()},
      {"encoder_parameters_before", encoder_before},
      {"encoder_parameters_after", encoder_after},
      {"sparsity", 1.0 - static_cast<double>(encoder_after) / static_cast<double>(encoder_before)}};
  print_json(result, false);
}

}  // namespace

void add_shrink(CLI::App& app) {
  const auto options = std::make_shared<ShrinkOptions>();
  CLI::App* command = app.add_subcommand(
      "shrink", "Removes the units that masks set to zero; the outputs stay those under the masks");
  command->add_option("model", options->model, "Model folder")->required()->type_name("MODEL_DIR");
  command
      ->add_option("--masks", options->masks,
                   "File with head_z, head_layer_z, intermediate_z, mlp_z, hidden_z, any of them")
      ->required()
      ->type_name("FILE");
  command->add_option("--out", options->out, "Folder to write; replaced if it is there")
      ->required()
      ->type_name("DIR");
  command->footer(kShrinkFooter);
  command->callback([options] { run(*options); });
}

}  // namespace prumux::cli
