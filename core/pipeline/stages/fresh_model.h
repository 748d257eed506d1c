#pragma once

#include <memory>

#include "core/config/problems.h"
#include "core/config/value.h"
#include "core/pipeline/record.h"
#include "core/text/tokenizer.h"
#include "prumux/encoder.h"

namespace prumux::pipeline {

/// Adds what determines the model with fresh weights that the section `model` describes by
/// `config` and `vocabulary`; reports what does not fit together.
void add_fresh_model(Record& record, const config::Value& section, config::Problems& problems);

/// The tokenizer of `model.vocabulary`, a vocab.txt or a folder with a tokenizer's files.
/// Throws `IoError` or `DataError` naming the file.
std::shared_ptr<const text::Tokenizer> fresh_tokenizer(const config::Value& section);

/// The architecture under `model.config`, with the words of `tokenizer`.
EncoderConfig fresh_encoder(const config::Value& config, const text::Tokenizer& tokenizer);

}  // namespace prumux::pipeline
