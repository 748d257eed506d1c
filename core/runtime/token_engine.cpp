#include "core/runtime/token_engine.h"

#include <utility>

#include "core/runtime/torch_logits.h"
#include "prumux/error.h"

namespace prumux::runtime {

TokenEngine::TokenEngine(std::shared_ptr<model::Model> model, const EngineOptions& options)
    : model_(std::move(model)), options_(options) {
  if (model_->config().head != model::HeadKind::token) {
    throw ConfigError(
        "this model does not label words; fine-tune one for the task ner or pos, or name the task "
        "that it was made for");
  }
  check_torch_precision(options.precision, "words are labelled");
  if (options.accelerator)
    throw ConfigError("words are labelled on the CPU only; leave the GPU out");
}

std::vector<at::Tensor> TokenEngine::logits(const RowSource& rows, std::int64_t grouping) const {
  return torch_logits(*model_, options_, rows, grouping);
}

}  // namespace prumux::runtime
