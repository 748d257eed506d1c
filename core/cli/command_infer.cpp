#include <ATen/ATen.h>
#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "core/cli/commands.h"
#include "core/cli/engine_options.h"
#include "core/cli/output_file.h"
#include "core/cli/row_length.h"
#include "core/cli/word_results.h"
#include "core/io/atomic_file.h"
#include "core/text/conll.h"
#include "core/text/examples.h"
#include "core/text/tokenizer.h"
#include "prumux/error.h"

namespace prumux::cli {
namespace {

struct InferOptions {
  std::string model;
  std::string input = "-";
  std::string output = "-";
  std::string format;
  std::optional<bool> pair;  ///< As the model was finetuned, unless somebody says.
  std::optional<std::size_t> max_length;
  EngineArguments engine;
};

text::ExampleFormat resolve_format(const InferOptions& options) {
  if (options.format == "tsv") return text::ExampleFormat::kTsv;
  if (options.format == "jsonl") return text::ExampleFormat::kJsonLines;
  if (options.format == "text") return text::ExampleFormat::kText;
  return options.input == "-" ? text::ExampleFormat::kText : text::format_of(options.input);
}

void read_texts(const InferOptions& options, const text::Task& task,
                const std::function<void(const text::Example&)>& consume) {
  const text::ExampleFormat format = resolve_format(options);
  if (options.input == "-") {
    text::read_examples(std::cin, "standard input", format, task, text::Labels::kIgnored, consume);
  } else {
    std::istringstream stream(io::read_file(options.input));
    text::read_examples(stream, options.input, format, task, text::Labels::kIgnored, consume);
  }
}

/// As the options say, or the task that the model was finetuned for.
bool reads_pairs(const InferOptions& options, const model::Model& model) {
  const text::Task* task = text::known_task(model.config().finetuning_task);
  const bool finetuned_for_pairs = task != nullptr && task->is_pair();
  if (task != nullptr && options.pair.value_or(finetuned_for_pairs) != finetuned_for_pairs) {
    spdlog::warn("the model was finetuned for {}, which is about {}", task->name,
                 finetuned_for_pairs ? "pairs of texts" : "single texts");
  }
  return options.pair.value_or(finetuned_for_pairs);
}

std::vector<text::Encoding> read_encodings(const InferOptions& options, bool pairs,
                                           std::size_t max_length,
                                           const text::Tokenizer& tokenizer) {
  if (options.format == "conll") {
    throw ConfigError("--format conll is for models that label words; this one labels texts");
  }
  const text::Task& task = text::find_task(pairs ? "pair_classification" : "classification");
  std::vector<text::Encoding> encodings;
  read_texts(options, task, [&](const text::Example& example) {
    encodings.push_back(text::encode(example, task, tokenizer, max_length));
  });
  return encodings;
}

std::vector<Words> read_words(const InferOptions& options) {
  std::vector<Words> texts;
  if (options.format == "conll") {
    const auto add = [&](const text::Sentence& sentence) { texts.push_back(sentence.words); };
    if (options.input == "-") {
      text::read_conll(std::cin, "standard input", text::Labels::kIgnored, add);
    } else {
      text::read_conll(options.input, text::Labels::kIgnored, add);
    }
    return texts;
  }
  read_texts(options, text::find_task("classification"),
             [&](const text::Example& example) { texts.push_back(split_words(example.first)); });
  return texts;
}

/// One JSON object a line, in the order of the rows: label and the score of each label.
std::string format_results(const at::Tensor& logits, const model::ModelConfig& config) {
  const bool is_regression = config.num_labels == 1;
  const at::Tensor scores =
      (is_regression ? logits : at::softmax(logits, 1)).to(at::kDouble).contiguous();
  std::vector<std::string> names;
  for (std::int64_t label = 0; label < config.num_labels; ++label) {
    names.push_back(label_name(config, label));
  }
  std::string lines;
  for (std::int64_t row = 0; row < scores.size(0); ++row) {
    const double* values = scores.data_ptr<double>() + row * config.num_labels;
    nlohmann::ordered_json line;
    if (is_regression) {
      line["score"] = values[0];
    } else {
      line["label"] =
          names[static_cast<std::size_t>(std::max_element(values, values + names.size()) - values)];
      // Names differ, so that none has to be looked for among those before it.
      nlohmann::ordered_json::object_t entries;
      for (std::size_t label = 0; label < names.size(); ++label) {
        entries.emplace_back(names[label], values[label]);
      }
      line["scores"] = std::move(entries);
    }
    lines += line.dump() + '\n';
  }
  return lines;
}

void run(const InferOptions& options) {
  if (options.output != "-") require_file_name("--output", options.output);
  if (options.input != "-") {
    require_other_file("--input", options.input, "--output", options.output);
  }
  runtime::EngineOptions engine_options = options.engine.resolve();
  const text::Tokenizer tokenizer = text::Tokenizer::load(options.model);
  const std::shared_ptr<model::Model> model = model::load_model(options.model);
  const std::size_t max_length = row_length("--max-length", options.max_length, *model);
  engine_options.attended_length = max_length;
  std::string results;
  if (model->config().head == model::HeadKind::token) {
    if (options.pair.value_or(false))
      throw ConfigError("--pair is for models that label texts, not words");
    results = label_words(read_words(options), tokenizer, model, engine_options, max_length);
  } else {
    const runtime::EncodedRows rows(
        read_encodings(options, reads_pairs(options, *model), max_length, tokenizer),
        tokenizer.padding_id());
    const runtime::Engine engine(model, engine_options);
    results = format_results(engine.logits(rows), model->config());
  }
  if (options.output == "-") {
    std::cout << results;
  } else {
    io::write_file_atomically(options.output, results);
  }
}

}  // namespace

void add_infer(CLI::App& app) {
  const auto options = std::make_shared<InferOptions>();
  CLI::App* command =
      app.add_subcommand("infer", "Classify texts, or label their words: one JSON object a line");
  command->add_option("model", options->model, "Model folder")->required();
  command->add_option("--input", options->input, "File, or - for standard input");
  command->add_option("--output", options->output, "File, or - for standard output");
  command->add_option("--format", options->format, "Default: by the file's extension, text for -")
      ->check(CLI::IsMember({"tsv", "jsonl", "text", "conll"}));
  CLI::Option* pair = command->add_flag_callback(
      "--pair", [options] { options->pair = true; },
      "Two texts a row (default: as the model was finetuned)");
  command
      ->add_flag_callback(
          "--no-pair", [options] { options->pair = false; }, "One text a row")
      ->excludes(pair);
  add_max_length(*command, options->max_length);
  options->engine.add_to(*command);
  command->footer("Example: echo 'a moving film' | prumux infer runs/sst2/model");
  command->callback([options] { run(*options); });
}

}  // namespace prumux::cli
