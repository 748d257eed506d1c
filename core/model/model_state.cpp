#include <ATen/ATen.h>
#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <set>

#include "core/model/encoder.h"
#include "core/model/model.h"
#include "core/model/multiplexer_call.h"
#include "core/model/task_head.h"
#include "core/model/vocabulary_head.h"
#include "prumux/error.h"

namespace prumux::model {
namespace {

/// Tensors that other programs write beside the model and that it has no use for.
bool is_known_extra(const std::string& name) {
  for (const char* part : {"position_ids", "layer_transformation.", "cls.seq_relationship."}) {
    if (name.find(part) != std::string::npos) return true;
  }
  return false;
}

/// Parameters and buffers of a module, each tensor once, under its first name.
NamedTensors unique_tensors(const torch::nn::Module& module, bool with_buffers) {
  NamedTensors tensors;
  std::set<const void*> seen;
  const auto add = [&](const auto& dictionary) {
    for (const auto& entry : dictionary) {
      if (entry.value().defined() && seen.insert(entry.value().unsafeGetTensorImpl()).second) {
        tensors.emplace_back(entry.key(), entry.value());
      }
    }
  };
  add(module.named_parameters());
  if (with_buffers) add(module.named_buffers());
  return tensors;
}

/// What a checkpoint holds of a multiplexer beside its parameters.
NamedTensors stored_buffers(const Multiplexer& multiplexer) {
  NamedTensors tensors = unique_tensors(multiplexer, true);
  const auto parameters = multiplexer.named_parameters();
  std::erase_if(tensors, [&](const auto& entry) {
    return parameters.contains(entry.first) || entry.second.numel() == 0;
  });
  return tensors;
}

void append(NamedTensors& to, NamedTensors&& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

/// Name under which the checkpoint holds `parameter`, or an empty text.
std::string stored_name(const Multiplexer& multiplexer, const StateReader& state,
                        const std::string& parameter) {
  if (state.contains(parameter)) return parameter;
  for (const std::string& alias : multiplexer.aliases(parameter)) {
    if (state.contains(alias)) return alias;
  }
  return {};
}

std::vector<std::string> load_multiplexer(Multiplexer& multiplexer, StateReader& state) {
  std::vector<std::string> missing;
  for (auto& [name, tensor] : unique_tensors(multiplexer, true)) {
    for (const std::string& alias : multiplexer.aliases(name)) state.find_raw(alias);
    const std::string stored = stored_name(multiplexer, state, name);
    if (stored.empty()) {
      // Other writers have no such buffers.
      if (multiplexer.named_parameters().contains(name)) missing.push_back(name);
    } else {
      at::Tensor parameter = tensor;
      place(parameter, parameter.is_floating_point() ? state.find(stored) : state.find_raw(stored));
    }
  }
  return missing;
}

/// A multiplexed model has no use for the vocabulary head of a plain one, nor a plain one for that
/// of a multiplexed one.
bool is_other_vocabulary_head(const std::string& name, bool multiplexed) {
  return is_vocabulary_head(name) && name.starts_with("retrieval_head.") != multiplexed;
}

void warn_about_unused(const StateReader& state, bool multiplexed) {
  std::vector<std::string> names;
  for (const std::string& name : state.unused()) {
    if (!is_known_extra(name) && !is_other_vocabulary_head(name, multiplexed)) {
      names.push_back(name);
    }
  }
  if (names.empty()) return;
  const std::size_t shown = std::min<std::size_t>(names.size(), 5);
  spdlog::warn("the checkpoint has {} tensors that this model does not use: {}{}", names.size(),
               fmt::join(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown), ", "),
               names.size() > shown ? ", ..." : "");
}

}  // namespace

NamedTensors Model::checkpoint_parameters() const {
  NamedTensors tensors = unique_parameters();
  if (multiplexer_) append(tensors, stored_buffers(*multiplexer_));
  append(tensors, head().constant_tensors());
  return tensors;
}

NamedTensors Model::unique_parameters() const {
  NamedTensors parameters;
  if (multiplexer_) append(parameters, unique_tensors(*multiplexer_, false));
  const bool lists_words = multiplexer_ && vocabulary_head_->tied();
  if (lists_words) {
    parameters.emplace_back(vocabulary_head_->decoder_name(), encoder_->embeddings().word);
  }
  if (vocabulary_head_) append(parameters, vocabulary_head_->named_tensors());
  for (auto& [name, tensor] : encoder_->named_tensors()) {
    if (lists_words && tensor.is_same(encoder_->embeddings().word)) continue;
    parameters.emplace_back(name, tensor);
  }
  append(parameters, head().named_tensors());
  return parameters;
}

TensorMap Model::state() const {
  NamedTensors tensors;
  if (multiplexer_) {
    append(tensors, unique_tensors(*multiplexer_, true));
    std::erase_if(tensors, [](const auto& entry) { return entry.second.numel() == 0; });
  }
  if (vocabulary_head_) append(tensors, vocabulary_head_->named_tensors());
  append(tensors, encoder_->named_tensors());
  append(tensors, head().named_tensors());
  append(tensors, head().constant_tensors());
  TensorMap state;
  for (const auto& [name, tensor] : tensors) state.emplace(name, tensor.detach());
  return state;
}

std::vector<std::pair<std::string, std::string>> Model::alias_names() const {
  std::vector<std::pair<std::string, std::string>> names;
  if (multiplexer_) {
    for (const auto& entry : unique_tensors(*multiplexer_, true)) {
      for (const std::string& alias : multiplexer_->aliases(entry.first)) {
        names.emplace_back(entry.first, alias);
      }
    }
  }
  if (vocabulary_head_) {
    if (!vocabulary_head_->bias_alias().empty()) {
      names.emplace_back(vocabulary_head_->bias_name(), vocabulary_head_->bias_alias());
    }
    if (vocabulary_head_->tied()) {
      names.emplace_back(encoder_->prefix() + "embeddings.word_embeddings.weight",
                         vocabulary_head_->decoder_name());
    }
  }
  return names;
}

std::vector<std::string> Model::load_state(const TensorMap& given) {
  TensorMap tensors = given;
  const std::string words = encoder_->prefix() + "embeddings.word_embeddings.weight";
  // A writer that drops one of two shared names may drop either.
  if (vocabulary_head_ && !tensors.contains(words) &&
      tensors.contains(vocabulary_head_->decoder_name())) {
    tensors.emplace(words, tensors.at(vocabulary_head_->decoder_name()));
  }
  StateReader state(tensors, encoder_->prefix());
  std::vector<std::string> missing = encoder_->load(state);
  const auto note = [&](std::vector<std::string>&& names) {
    missing.insert(missing.end(), names.begin(), names.end());
  };
  if (multiplexer_) {
    note(load_multiplexer(*multiplexer_, state));
    call_multiplexer(*config_.multiplexer, "adopt_loaded_shapes",
                     [&] { multiplexer_->adopt_loaded_shapes(encoder_->width()); });
  }
  if (!vocabulary_head_ && VocabularyHead::is_in(state, config_.encoder)) {
    ensure_vocabulary_head();
  }
  if (vocabulary_head_) {
    note(vocabulary_head_->load(state, encoder_->embeddings().word, encoder_->width()));
  }
  note(head().load(state, head_width()));
  warn_about_unused(state, multiplexer_ != nullptr);
  return missing;
}

std::int64_t Model::encoder_parameter_count() const { return encoder_->layer_parameter_count(); }

std::int64_t Model::parameter_count() const {
  std::int64_t count = 0;
  for (const auto& entry : unique_parameters()) count += entry.second.numel();
  return count;
}

}  // namespace prumux::model
