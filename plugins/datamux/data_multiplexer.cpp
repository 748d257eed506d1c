#include "data_multiplexer.h"

#include <nlohmann/json.hpp>
#include <variant>

#include "prumux/error.h"
#include "tensor_checks.h"
#include "variants.h"

namespace prumux::datamux {
namespace {

constexpr const char* kDemuxStart = "demux_start";

const MultiplexerArguments& with_an_instance(const MultiplexerArguments& arguments) {
  if (arguments.num_instances < 1) {
    throw ConfigError("datamux: the number of instances is " +
                      std::to_string(arguments.num_instances) + ", expected at least 1");
  }
  return arguments;
}

void check_mask(const at::Tensor& mask, at::IntArrayRef shape) {
  if (!mask.defined()) {
    throw DataError("datamux: the attention mask is missing, expected " + shape_text(shape));
  }
  if (mask.sizes() != shape) {
    throw DataError("datamux: the attention mask has shape " + shape_text(mask.sizes()) +
                    ", expected " + shape_text(shape));
  }
}

}  // namespace

DataMultiplexer::DataMultiplexer(const MultiplexerArguments& arguments)
    : num_instances_(with_an_instance(arguments).num_instances),
      padding_(arguments.padding),
      parameters_(arguments.parameters),
      encoder_width_(arguments.encoder.hidden_size),
      muxing_(make_muxing(*this, arguments)),
      demultiplexing_(make_demultiplexing(*this, arguments)) {
  if (parameters_.string(kDemuxStart) == "unmixing") demultiplexing_->start_from(*muxing_);
}

DataMultiplexer::~DataMultiplexer() = default;

std::int64_t DataMultiplexer::prefix_length() const { return demultiplexing_->prefix_length(); }

std::int64_t DataMultiplexer::classification_position() const {
  return demultiplexing_->classification_position();
}

TokenRows DataMultiplexer::edit_tokens(const TokenRows& rows) const {
  return demultiplexing_->edit_tokens(rows);
}

at::Tensor DataMultiplexer::mux(const at::Tensor& embeddings, const at::Tensor& attention_mask) {
  if (embeddings.dim() != 4 || embeddings.size(1) != num_instances_) {
    throw DataError("datamux: the embeddings have shape " + shape_text(embeddings.sizes()) +
                    ", expected [groups, " + std::to_string(num_instances_) +
                    ", positions, width]");
  }
  if (padding_ == PaddingSemantics::masked) {
    check_mask(attention_mask, embeddings.sizes().slice(0, 3));
  }
  return muxing_->combine(embeddings, attention_mask);
}

at::Tensor DataMultiplexer::demux(const at::Tensor& hidden, const at::Tensor& positions) {
  return demultiplexing_->separate(hidden, positions);
}

at::Tensor DataMultiplexer::vocabulary_features(const at::Tensor& hidden,
                                                const TokenSelection& selection) {
  return demultiplexing_->vocabulary_features(hidden, selection);
}

void DataMultiplexer::prune_hidden(const at::Tensor& kept, const at::Tensor& scales) {
  check_kept(kept, scales, encoder_width_);
  muxing_->prune_hidden(kept, scales);
  demultiplexing_->prune_hidden(kept);
  encoder_width_ = kept.numel();
}

std::vector<std::string> DataMultiplexer::aliases(const std::string& parameter) const {
  return demultiplexing_->aliases(parameter);
}

void DataMultiplexer::adopt_loaded_shapes(std::int64_t encoder_width) {
  muxing_->adopt_loaded_shapes(encoder_width);
  demultiplexing_->adopt_loaded_shapes(encoder_width);
  encoder_width_ = encoder_width;
}

std::string DataMultiplexer::checkpoint_fields() const {
  nlohmann::json fields = {{"num_instances", num_instances_}};
  for (const auto& [name, value] : parameters_.values()) {
    // How the training began is no part of the model.
    if (name == kDemuxStart) continue;
    std::visit([&, key = name](const auto& content) { fields[key] = content; }, value);
  }
  return fields.dump();
}

std::optional<InferenceForm> DataMultiplexer::inference_form() const {
  const at::NoGradGuard no_gradient;
  InferenceForm form = demultiplexing_->inference_form();
  form.mix = muxing_->mix_form();
  return form;
}

}  // namespace prumux::datamux
