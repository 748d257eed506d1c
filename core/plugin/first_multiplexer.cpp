#include "core/plugin/first_multiplexer.h"

#include <utility>

namespace prumux::plugin {

namespace {

class FirstMultiplexer : public Multiplexer {
 public:
  explicit FirstMultiplexer(std::shared_ptr<Multiplexer> first) : first_(std::move(first)) {
    share_tensors();
  }

  std::int64_t num_instances() const override { return first_->num_instances(); }
  PaddingSemantics padding() const override { return first_->padding(); }
  std::int64_t prefix_length() const override { return first_->prefix_length(); }
  TokenRows edit_tokens(const TokenRows& rows) const override { return first_->edit_tokens(rows); }
  at::Tensor mux(const at::Tensor& embeddings, const at::Tensor& attention_mask) override {
    return first_->mux(embeddings, attention_mask);
  }
  at::Tensor demux(const at::Tensor& hidden, const at::Tensor& positions) override {
    return first_->demux(hidden, positions);
  }
  at::Tensor vocabulary_features(const at::Tensor& hidden,
                                 const TokenSelection& selection) override {
    return first_->vocabulary_features(hidden, selection);
  }
  std::int64_t classification_position() const override {
    return first_->classification_position();
  }
  void prune_hidden(const at::Tensor& kept, const at::Tensor& scales) override {
    first_->prune_hidden(kept, scales);
    share_tensors();
  }
  std::vector<std::string> aliases(const std::string& parameter) const override {
    return first_->aliases(parameter);
  }
  void adopt_loaded_shapes(std::int64_t encoder_width) override {
    first_->adopt_loaded_shapes(encoder_width);
    share_tensors();
  }
  std::string checkpoint_fields() const override { return first_->checkpoint_fields(); }

  void train(bool on) override {
    Multiplexer::train(on);
    first_->train(on);
  }

 private:
  /// Also after the module may have put new ones in their place. A buffer stays what it is.
  void share_tensors() {
    parameters_.clear();
    for (const auto& parameter : first_->named_parameters(false)) {
      parameters_.insert(parameter.key(), parameter.value());
    }
    const auto own = named_buffers(false);
    for (const auto& buffer : first_->named_buffers(false)) {
      if (!own.contains(buffer.key())) register_buffer(buffer.key(), buffer.value());
    }
    for (const auto& child : named_children()) unregister_module(child.key());
    for (const auto& child : first_->named_children()) {
      register_module(child.key(), child.value());
    }
  }

  std::shared_ptr<Multiplexer> first_;
};

}  // namespace

std::shared_ptr<Multiplexer> adapt_first_multiplexer(std::shared_ptr<Multiplexer> first) {
  return std::make_shared<FirstMultiplexer>(std::move(first));
}

}  // namespace prumux::plugin
