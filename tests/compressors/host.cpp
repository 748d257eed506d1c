#include "host.h"

#include "core/plugin/parameter_parser.h"
#include "core/plugin/registry.h"

namespace prumux::compressors {
namespace {

constexpr std::int64_t kWords = 16;
constexpr double kLearningRate = 0.05;
constexpr const char* kOwn = "compressor.";

/// The same for every host.
std::shared_ptr<model::Model> make_teacher(const model::ModelConfig& config) {
  at::manual_seed(99);
  return std::make_shared<model::Model>(config);
}

at::Tensor label_loss(const at::Tensor& logits, const at::Tensor& labels) {
  return at::cross_entropy_loss(logits, labels);
}

}  // namespace

std::shared_ptr<Compressor> make_compressor(const std::string& method,
                                            const ParameterTexts& parameters) {
  plugin::Registry& registry = plugin::Registry::instance();
  const plugin::Method& found = registry.find(PRUMUX_COMPRESSOR, method);
  return registry.make_compressor(method,
                                  {plugin::parse_parameters(*found.descriptor, parameters)});
}

std::shared_ptr<model::Model> make_model(std::int64_t layers, std::int64_t heads,
                                         std::int64_t head_size, std::int64_t intermediate,
                                         std::uint64_t seed) {
  model::ModelConfig config;
  EncoderConfig& encoder = config.encoder;
  encoder.vocab_size = kWords;
  encoder.hidden_size = heads * head_size;
  encoder.embedding_size = encoder.hidden_size;
  encoder.num_hidden_layers = layers;
  encoder.num_attention_heads = heads;
  encoder.intermediate_size = intermediate;
  encoder.max_position_embeddings = 8;
  encoder.initializer_range = 0.15;
  encoder.hidden_dropout_prob = 0.0;
  encoder.attention_probs_dropout_prob = 0.0;
  config.num_labels = 2;
  at::manual_seed(seed);
  return std::make_shared<model::Model>(config);
}

Host::Host(std::shared_ptr<model::Model> model, std::shared_ptr<Compressor> compressor,
           std::int64_t total_steps)
    : model_(std::move(model)),
      teacher_(make_teacher(model_->config())),
      compressor_(std::move(compressor)),
      view_(model_) {
  model_->eval();
  teacher_->eval();
  compressor_->attach(view_, {total_steps, total_steps});
}

void Host::step(int micro_batches) {
  model::ForwardOptions options;
  options.hidden_states = compressor_->needs_hidden_states();
  for (int batch = 0; batch < micro_batches; ++batch) {
    const model::ModelInputs inputs{at::randint(1, kWords, {4, 6}, at::kLong), {}, {}};
    const at::Tensor labels = inputs.input_ids.select(1, 0).ge(kWords / 2).to(at::kLong);
    const StructureMasks masks = compressor_->training_masks(step_);
    ForwardRecord teacher;
    if (compressor_->needs_teacher()) {
      const at::NoGradGuard no_gradient;
      teacher = teacher_->forward(inputs, options);
    }
    options.masks = &masks;
    const ForwardRecord student = model_->forward(inputs, options);
    options.masks = nullptr;
    TrainingStep training;
    training.step = step_;
    training.masks = &masks;
    training.student = &student;
    training.teacher = compressor_->needs_teacher() ? &teacher : nullptr;
    training.task_loss = label_loss(student.logits, labels);
    (compressor_->loss(training) / micro_batches).backward();
  }
  descend();
  compressor_->after_step(++step_);
  for (const auto& [name, tensor] : view_.parameters()) tensor.mutable_grad().reset();
}

void Host::descend() {
  const at::NoGradGuard no_gradient;
  const auto move = [](const NamedTensors& parameters, double rate) {
    for (const auto& [name, tensor] : parameters) {
      if (tensor.grad().defined()) at::Tensor(tensor).sub_(tensor.grad(), rate);
    }
  };
  move(view_.parameters(), kLearningRate);
  for (const ParameterGroup& group : compressor_->parameter_groups()) {
    const double rate = group.learning_rate.value_or(kLearningRate);
    move(group.parameters, group.maximize ? -rate : rate);
    for (const auto& [name, tensor] : group.parameters) tensor.mutable_grad().reset();
  }
}

void Host::steps(std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) step();
}

at::Tensor Host::logits(const StructureMasks* masks) {
  const at::NoGradGuard no_gradient;
  if (!inputs_.input_ids.defined()) {
    const at::Tensor lengths = at::tensor({6, 4, 1, 6, 2}, at::kLong);
    inputs_.input_ids = at::arange(30, at::kLong).remainder(kWords - 1).add(1).view({5, 6});
    inputs_.attention_mask = lengths.unsqueeze(1).gt(at::arange(6)).to(at::kLong);
  }
  model::ForwardOptions options;
  options.masks = masks;
  return model_->forward(inputs_, options).logits;
}

TensorMap Host::state() const {
  TensorMap state;
  for (const auto& [name, tensor] : view_.parameters()) state[name] = tensor.detach().clone();
  for (const auto& [name, tensor] : compressor_->state()) state[kOwn + name] = tensor;
  return state;
}

void Host::load_state(const TensorMap& state) {
  const at::NoGradGuard no_gradient;
  TensorMap own;
  for (const auto& [name, tensor] : state) {
    if (name.starts_with(kOwn)) own[name.substr(std::string(kOwn).size())] = tensor;
  }
  for (const auto& [name, tensor] : view_.parameters()) at::Tensor(tensor).copy_(state.at(name));
  compressor_->load_state(own);
}

StructureMasks masks_of(const PrunePlan& plan, const EncoderConfig& encoder) {
  const std::int64_t layers = encoder.num_hidden_layers;
  StructureMasks masks;
  masks.head = at::zeros({layers, encoder.num_attention_heads});
  masks.head_layer = at::zeros({layers});
  masks.intermediate = at::zeros({layers, encoder.intermediate_size});
  masks.mlp = at::zeros({layers});
  masks.hidden = at::zeros({encoder.hidden_size});
  const auto put = [](at::Tensor mask, const std::vector<std::int64_t>& units,
                      const std::vector<double>& scales) {
    for (std::size_t index = 0; index < units.size(); ++index) mask[units[index]] = scales[index];
  };
  for (std::size_t index = 0; index < plan.layers.size(); ++index) {
    const LayerPlan& layer = plan.layers[index];
    const auto position = static_cast<std::int64_t>(index);
    if (layer.attention_present) masks.head_layer[position] = layer.attention_scale;
    if (layer.mlp_present) masks.mlp[position] = layer.mlp_scale;
    put(masks.head[position], layer.heads, layer.head_scales);
    put(masks.intermediate[position], layer.intermediate, layer.intermediate_scales);
  }
  put(masks.hidden, plan.hidden, plan.hidden_scales);
  return masks;
}

void expect_same_bits_after_restart(const std::function<std::shared_ptr<Compressor>()>& fresh) {
  Host whole(make_model(3, 2, 4, 10, 1), fresh(), 8);
  at::manual_seed(3);
  whole.steps(4);
  const TensorMap state = whole.state();
  at::manual_seed(4);
  whole.steps(4);

  // A fresh host has done no step: what it does next is the same only because of the state.
  Host resumed(make_model(3, 2, 4, 10, 2), fresh(), 8);
  resumed.load_state(state);
  resumed.skip_to(4);
  at::manual_seed(4);
  resumed.steps(4);
  const TensorMap expected = whole.state();
  const TensorMap actual = resumed.state();
  ASSERT_EQ(expected.size(), actual.size());
  for (const auto& [name, tensor] : expected) EXPECT_TRUE(tensor.equal(actual.at(name))) << name;
}

}  // namespace prumux::compressors
