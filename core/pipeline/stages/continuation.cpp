#include "core/pipeline/stages/continuation.h"

#include "core/model/safetensors.h"

namespace prumux::pipeline {
namespace {

constexpr const char* kFolder = "continuation";
constexpr const char* kCompressorFile = "compressor.safetensors";

}  // namespace

void Continuation::save(const std::filesystem::path& folder) const {
  const std::filesystem::path own = folder / kFolder;
  pipeline::save(model, own);
  model::write_safetensors(own / kCompressorFile, compressor);
}

Continuation Continuation::load(const std::filesystem::path& folder) {
  const std::filesystem::path own = folder / kFolder;
  return {{model::load_model(own / "model"),
           std::make_shared<const text::Tokenizer>(text::Tokenizer::load(own / "model"))},
          model::read_safetensors(own / kCompressorFile)};
}

}  // namespace prumux::pipeline
