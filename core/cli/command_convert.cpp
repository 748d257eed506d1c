#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "core/cli/commands.h"
#include "core/cli/model_folder.h"
#include "core/model/export.h"
#include "core/model/model.h"
#include "prumux/error.h"

namespace prumux::cli {
namespace {

struct Options {
  std::filesystem::path in;
  std::filesystem::path out;
  std::string format = "prumux";
};

void run(const Options& options) {
  if (options.format == "onnx") {
    throw ConfigError("convert writes 'prumux' and 'hf'; it cannot write 'onnx'");
  }
  check_output_folder(options.in, options.out);
  const std::shared_ptr<model::Model> model = model::load_model(options.in);
  write_model_folder(options.in, options.out, [&](const std::filesystem::path& folder) {
    if (options.format == "hf") {
      model::save_hugging_face(*model, folder);
    } else {
      model::save_model(*model, folder);
    }
  });
  const nlohmann::json result = {{"out", options.out.string()},
                                 {"format", options.format},
                                 {"instances", model->num_instances()},
                                 {"physically_pruned", model->physically_pruned()},
                                 {"parameters", model->parameter_count()}};
  std::cout << result.dump() << '\n';
}

}  // namespace

void add_convert(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "convert", "Rewrites a Hugging Face, reference or prumux model folder in another format");
  command->add_option("in", options->in, "Model folder to read")->required()->type_name("IN_DIR");
  command->add_option("out", options->out, "Folder to write; replaced if it is there")
      ->required()
      ->type_name("OUT_DIR");
  command
      ->add_option("--to", options->format,
                   "prumux: our own; hf: as Hugging Face and the reference projects read it")
      ->check(CLI::IsMember({"prumux", "hf", "onnx"}))
      ->capture_default_str();
  command->footer(
      "Examples:\n"
      "  prumux convert downloads/bert-base-uncased models/bert\n"
      "  prumux convert runs/sst2/model exported --to hf");
  command->callback([options] { run(*options); });
}

}  // namespace prumux::cli
