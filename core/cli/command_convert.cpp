#include <spdlog/spdlog.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "core/cli/commands.h"
#include "core/cli/model_folder.h"
#include "core/cli/print_json.h"
#include "core/model/export.h"
#include "core/model/model.h"
#include "core/onnx/export.h"

namespace prumux::cli {
namespace {

struct ConvertOptions {
  std::filesystem::path in;
  std::filesystem::path out;
  std::string format = "prumux";
};

/// What a reader of other projects would make of the model's texts.
void warn_about_padding(const model::Model& model) {
  const auto& multiplexer = model.config().multiplexer;
  if (!multiplexer || multiplexer->padding == PaddingSemantics::attended) return;
  spdlog::warn(
      "this multiplexed model attends to no padding, but the reference projects always do: their "
      "results for texts of different lengths differ from those of prumux");
}

void run(const ConvertOptions& options) {
  check_output_folder(options.in, options.out);
  const std::shared_ptr<model::Model> model = model::load_model(options.in);
  write_model_folder(options.in, options.out, [&](const std::filesystem::path& folder) {
    if (options.format == "hf") {
      warn_about_padding(*model);
      model::save_hugging_face(*model, folder);
    } else if (options.format == "onnx") {
      onnx::save_onnx(*model, folder);
    } else {
      model::save_model(*model, folder);
    }
  });
  const nlohmann::json result = {{"out", options.out.string()},
                                 {"format", options.format},
                                 {"instances", model->num_instances()},
                                 {"physically_pruned", model->physically_pruned()},
                                 {"parameters", model->parameter_count()}};
  print_json(result, false);
}

}  // namespace

void add_convert(CLI::App& app) {
  const auto options = std::make_shared<ConvertOptions>();
  CLI::App* command = app.add_subcommand(
      "convert", "Rewrites a Hugging Face, reference or prumux model folder in another format");
  command->add_option("in", options->in, "Model folder to read")->required()->type_name("IN_DIR");
  command->add_option("out", options->out, "Folder to write; replaced if it is there")
      ->required()
      ->type_name("OUT_DIR");
  command
      ->add_option("--to", options->format,
                   "prumux: our own; hf: as Hugging Face and the reference projects read it; onnx: "
                   "a graph for other engines, model.onnx (float32, any number of rows and tokens)")
      ->check(CLI::IsMember({"prumux", "hf", "onnx"}))
      ->capture_default_str();
  command->footer(
      "Examples:\n"
      "  prumux convert downloads/bert-base-uncased models/bert\n"
      "  prumux convert runs/sst2/model exported --to hf\n"
      "  prumux convert runs/sst2/model for-onnxruntime --to onnx");
  command->callback([options] { run(*options); });
}

}  // namespace prumux::cli
