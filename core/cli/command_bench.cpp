#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include "core/cli/commands.h"
#include "core/cli/engine_options.h"
#include "core/cli/print_json.h"
#include "core/cli/row_length.h"
#include "core/io/atomic_file.h"
#include "core/model/longest_row.h"
#include "core/runtime/benchmark.h"
#include "prumux/error.h"

namespace prumux::cli {
namespace {

struct BenchOptions {
  std::string model;
  EngineArguments engine;
  std::optional<std::size_t> length;
  std::string lengths_file;
  std::int64_t rounds = 7;
  bool profile = false;
};

/// One token count a line, at most `longest`.
std::vector<std::uint32_t> read_lengths(const std::string& path, std::size_t longest) {
  std::istringstream stream(io::read_file(path));
  std::vector<std::uint32_t> lengths;
  std::string line;
  for (std::size_t number = 1; std::getline(stream, line); ++number) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty()) continue;
    std::size_t used = 0;
    unsigned long value = 0;
    try {
      value = std::stoul(line, &used);
    } catch (const std::logic_error&) {
      used = 0;
    }
    if (used != line.size() || value < 2 || value > longest) {
      throw DataError(
          fmt::format("{}:{}: length '{}' - expected a number of tokens, from 2 to the "
                      "{} that the model takes",
                      path, number, line, longest));
    }
    lengths.push_back(static_cast<std::uint32_t>(value));
  }
  if (lengths.empty()) throw DataError(path + ": no lengths - expected one token count a line");
  return lengths;
}

void run(const BenchOptions& options) {
  runtime::EngineOptions engine = options.engine.resolve();
  const std::shared_ptr<model::Model> model = model::load_model(options.model);
  runtime::BenchmarkOptions benchmark;
  benchmark.rounds = options.rounds;
  if (options.lengths_file.empty()) {
    engine.attended_length = row_length("--length", options.length, *model);
    benchmark.lengths = {static_cast<std::uint32_t>(engine.attended_length)};
  } else {
    const auto longest = static_cast<std::size_t>(model::longest_row(*model));
    benchmark.lengths = read_lengths(options.lengths_file, longest);
    engine.attended_length = *std::max_element(benchmark.lengths.begin(), benchmark.lengths.end());
  }
  const runtime::Engine timed(model, engine);
  nlohmann::ordered_json numbers = runtime::benchmark(timed, benchmark);
  if (options.profile) numbers["profile"] = runtime::profile(timed);
  print_json(numbers);
}

}  // namespace

void add_bench(CLI::App& app) {
  const auto options = std::make_shared<BenchOptions>();
  CLI::App* command = app.add_subcommand("bench", "Time a model's forward passes (JSON)");
  command->add_option("model", options->model, "Model folder")->required();
  options->engine.add_to(*command);
  CLI::Option* length =
      command
          ->add_option("--length", options->length,
                       "Tokens of every example (default: 128, or what the model takes)")
          ->check(CLI::Range(2, 100000));
  command->add_option("--lengths", options->lengths_file, "File with one token count a line")
      ->excludes(length);
  command->add_option("--rounds", options->rounds, "Timed rounds")->check(CLI::Range(1, 10000));
  command->add_flag("--profile", options->profile,
                    "Also the share of the time that each part of the forward pass takes");
  command->footer("Example: prumux bench runs/sst2/model --length 128 --dtype bfloat16");
  command->callback([options] { run(*options); });
}

}  // namespace prumux::cli
