#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "core/cli/commands.h"
#include "core/text/tokenizer.h"
#include "core/text/utf8.h"
#include "prumux/error.h"

namespace prumux::cli {
namespace {

struct TokenizeOptions {
  std::filesystem::path model_folder;
  bool pair = false;
  std::size_t max_length = text::kNoLengthLimit;

  /// Throws `ConfigError` when there is no room for the special tokens.
  void set_max_length(std::int64_t length) {
    const std::int64_t special_count = pair ? 3 : 2;
    if (length < special_count) {
      throw ConfigError(fmt::format("--max-length {}: expected at least {}, for the special tokens",
                                    length, special_count));
    }
    max_length = static_cast<std::size_t>(length);
  }
};

text::Encoding encode(const text::Tokenizer& tokenizer, const TokenizeOptions& options,
                      std::string_view line, const std::string& place) {
  if (!options.pair) return tokenizer.encode(line, options.max_length);
  const auto tabs = std::count(line.begin(), line.end(), '\t');
  if (tabs != 1) {
    throw DataError(
        fmt::format("{}: {} tab-separated texts, expected 2 with --pair", place, tabs + 1));
  }
  const std::size_t tab = line.find('\t');
  return tokenizer.encode_pair(line.substr(0, tab), line.substr(tab + 1), options.max_length);
}

void tokenize(const TokenizeOptions& options, std::istream& input, std::ostream& output) {
  const text::Tokenizer tokenizer = text::Tokenizer::load(options.model_folder);
  std::size_t line_number = 0;
  for (std::string line; output && std::getline(input, line);) {
    const std::string place = fmt::format("<stdin>:{}", ++line_number);
    text::require_utf8(line, place);
    output << nlohmann::json(encode(tokenizer, options, line, place).ids).dump() << '\n';
  }
  output.flush();
  if (input.bad()) throw IoError("cannot read the standard input to its end");
  if (!output) throw IoError("cannot write to the standard output");
}

}  // namespace

void add_tokenize(CLI::App& app) {
  const auto options = std::make_shared<TokenizeOptions>();
  // Signed, since CLI11 would turn -1 into a huge number.
  const auto max_length = std::make_shared<std::optional<std::int64_t>>();
  CLI::App* command =
      app.add_subcommand("tokenize", "Turns the lines of stdin into JSON arrays of token ids");
  command->add_option("model", options->model_folder, "Model folder with the tokenizer's files")
      ->required()
      ->type_name("MODEL_DIR");
  command->add_flag("--pair", options->pair, "Each line holds two texts, separated by a tab");
  command
      ->add_option("--max-length", *max_length,
                   "Cut to so many tokens, special tokens included (default: no limit)")
      ->type_name("L");
  command->footer(
      "Example:\n  echo 'a moving film' | prumux tokenize runs/sst2/model --max-length 64");
  command->callback([options, max_length] {
    if (*max_length) options->set_max_length(**max_length);
    tokenize(*options, std::cin, std::cout);
  });
}

}  // namespace prumux::cli
