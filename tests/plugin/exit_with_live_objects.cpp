#include <torch/types.h>

#include <filesystem>
#include <memory>

#include "core/plugin/registry.h"

// Ends with a plugin's objects and tensors still alive in static variables: their code must still
// be there when they are destroyed. Argument: the folder of the plugin `good`.

namespace {

std::shared_ptr<prumux::Multiplexer> multiplexer;
std::shared_ptr<prumux::PerformanceModel> model;
at::Tensor mixed;

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    return 2;
  }
  prumux::plugin::Registry registry({std::filesystem::path(argv[1])});
  prumux::MultiplexerArguments arguments;
  arguments.encoder.hidden_size = 4;
  arguments.num_instances = 2;
  multiplexer = registry.make_multiplexer("average", arguments);
  prumux::PerformanceModelArguments model_arguments;
  model_arguments.parameters.set("value", 0.5);
  model = registry.make_performance_model("bare", model_arguments);
  mixed = multiplexer->mux(torch::ones({1, 2, 3, 4}), torch::ones({1, 2, 3}));
  return mixed.requires_grad() ? 0 : 1;
}
