#include "core/cli/word_results.h"

#include <ATen/ATen.h>
#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "core/runtime/row_source.h"
#include "core/runtime/token_engine.h"
#include "core/text/entities.h"

namespace prumux::cli {
namespace {

std::string format_line(const Words& words, const std::vector<std::size_t>& first_tokens,
                        const at::Tensor& classes, const model::ModelConfig& config) {
  nlohmann::ordered_json line;
  line["words"] = words;
  line["labels"] = nlohmann::ordered_json::array();
  std::vector<std::string> labels;
  for (const std::size_t first : first_tokens) {
    if (first == 0) {
      labels.emplace_back("O");
      line["labels"].push_back(nullptr);
    } else {
      labels.push_back(
          label_name(config, classes[static_cast<std::int64_t>(first)].item<std::int64_t>()));
      line["labels"].push_back(labels.back());
    }
  }
  line["entities"] = nlohmann::ordered_json::array();
  for (const text::Entity& entity : text::find_entities(labels)) {
    const std::vector<std::string> own(words.begin() + static_cast<std::ptrdiff_t>(entity.begin),
                                       words.begin() + static_cast<std::ptrdiff_t>(entity.end));
    line["entities"].push_back({{"type", entity.type},
                                {"text", fmt::format("{}", fmt::join(own, " "))},
                                {"begin", entity.begin},
                                {"end", entity.end}});
  }
  return line.dump() + '\n';
}

}  // namespace

Words split_words(const std::string& text) {
  Words words;
  std::istringstream stream(text);
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

std::string label_name(const model::ModelConfig& config, std::int64_t label) {
  const auto index = static_cast<std::size_t>(label);
  return index < config.label_names.size() ? config.label_names[index]
                                           : fmt::format("LABEL_{}", label);
}

std::string label_words(const std::vector<Words>& texts, const text::Tokenizer& tokenizer,
                        const std::shared_ptr<model::Model>& model,
                        const runtime::EngineOptions& options, std::size_t max_length) {
  std::vector<text::Encoding> encodings;
  std::vector<std::vector<std::size_t>> first_tokens;
  for (const Words& words : texts) {
    text::WordEncoding encoded = tokenizer.encode_words(words, max_length);
    encodings.push_back(std::move(encoded.encoding));
    first_tokens.push_back(std::move(encoded.first_tokens));
  }
  const runtime::TokenEngine engine(model, options);
  const runtime::EncodedRows rows(std::move(encodings), tokenizer.padding_id());
  const std::vector<at::Tensor> logits = engine.logits(rows);
  std::string lines;
  for (std::size_t row = 0; row < texts.size(); ++row) {
    lines += format_line(texts[row], first_tokens[row], logits[row].argmax(1), model->config());
  }
  return lines;
}

}  // namespace prumux::cli
