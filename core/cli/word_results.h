#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/model/model.h"
#include "core/runtime/engine.h"
#include "core/text/tokenizer.h"

namespace prumux::cli {

/// Words of one text.
using Words = std::vector<std::string>;

/// The words of a text: what stands between spaces.
Words split_words(const std::string& text);

/// How the model calls the class `label`, or LABEL_<number> when it says nothing.
std::string label_name(const model::ModelConfig& config, std::int64_t label);

/// Labels the words of each text. One JSON object a line: `words`; `labels`, null for words cut off
/// at `max_length` tokens; `entities`, each with its type, text, first word and the word after it.
std::string label_words(const std::vector<Words>& texts, const text::Tokenizer& tokenizer,
                        const std::shared_ptr<model::Model>& model,
                        const runtime::EngineOptions& options, std::size_t max_length);

}  // namespace prumux::cli
