#include "core/runtime/network/head_pass.h"

#include <algorithm>

namespace prumux::runtime {
namespace {

using kernels::Epilogue;
using kernels::kPanelTokens;
using kernels::panel_count;

/// Rows [count, width], `stride` floats apart, as columns.
void put_columns(const float* rows, std::size_t count, std::size_t stride, const Panels& panels,
                 std::size_t first_column = 0) {
  for (std::size_t row = 0; row < count; ++row) {
    const std::size_t column = first_column + row;
    float* to = panels.feature(column / kPanelTokens, 0) + column % kPanelTokens;
    for (std::size_t f = 0; f < panels.features; ++f) {
      to[f * kPanelTokens] = rows[row * stride + f];
    }
  }
}

template <typename Change>
void change(const Panels& panels, std::size_t columns, const Change& change_value) {
  const std::size_t count = panel_count(columns) * panels.stride();
  for (std::size_t i = 0; i < count; ++i) panels.data[i] = change_value(panels.data[i]);
}

void activate(const kernels::Kernels& kernels, HeadActivation activation, const Panels& panels,
              std::size_t columns) {
  const std::size_t count = panel_count(columns) * panels.stride();
  switch (activation) {
    case HeadActivation::gelu:
      return kernels.gelu(panels.data, count);
    case HeadActivation::tanh:
      return kernels.tanh(panels.data, count);
    case HeadActivation::relu:
      return change(panels, columns, [](float x) { return x < 0.0F ? 0.0F : x; });
    case HeadActivation::identity:
      return;
  }
}

}  // namespace

/// Features of some instances of all groups, instance by instance.
Panels HeadPass::separate(const float* states, std::size_t groups, Instances instances,
                          Workspace& workspace) const {
  const SeparationWeights& weights = *network_.separation;
  const std::size_t reads = network_.read_positions.size();
  const std::size_t columns = groups * instances.count;
  const kernels::NumberFormat format = network_.format;

  const Panels hidden{
      workspace.read_states.reserve(panel_count(columns) * network_.width * kPanelTokens),
      network_.width};
  put_columns(states + (reads - 1) * network_.width, groups, reads * network_.width, hidden);
  const Panels tokens{workspace.inner.reserve(panel_count(groups) * weights.width * kPanelTokens),
                      weights.width};
  const bool own_weights = weights.token.size() > 1;
  multiply(kernels_, weights.token[own_weights ? instances.first : 0],
           prepare_operands(kernels_, hidden, groups, format, OperandUse::before_change,
                            workspace.operands),
           tokens, groups, Epilogue::store);

  const Panels features{
      workspace.states.reserve(panel_count(columns) * weights.width * kPanelTokens), weights.width};
  if (weights.key) {
    for (std::size_t i = 0; i < instances.count; ++i) {
      put_columns(states + (instances.first + i) * network_.width, groups, reads * network_.width,
                  hidden, i * groups);
    }
    multiply(kernels_, *weights.key,
             prepare_operands(kernels_, hidden, columns, format, OperandUse::before_change,
                              workspace.operands),
             features, columns, Epilogue::store);
  } else {
    std::fill_n(features.data, panel_count(columns) * features.stride(), 0.0F);
  }
  for (std::size_t i = 0; i < instances.count; ++i) {
    const float* offsets = weights.offsets.data() + (instances.first + i) * weights.width;
    for (std::size_t g = 0; g < groups;) {
      const std::size_t column = i * groups + g;
      const std::size_t room = kPanelTokens - std::max(column % kPanelTokens, g % kPanelTokens);
      const std::size_t part = std::min(groups - g, room);
      for (std::size_t f = 0; f < weights.width; ++f) {
        float* to = features.feature(column / kPanelTokens, f) + column % kPanelTokens;
        const float* from = tokens.feature(g / kPanelTokens, f) + g % kPanelTokens;
        for (std::size_t k = 0; k < part; ++k) to[k] += from[k] + offsets[f];
      }
      g += part;
    }
  }
  activate(kernels_, weights.activation, features, columns);
  if (!weights.norms.empty()) {
    normalise(kernels_, weights.norms[weights.norms.size() > 1 ? instances.first : 0], features,
              columns);
  }
  return features;
}

/// Logits; the features' memory is used on the way.
Panels HeadPass::classify(Panels features, std::size_t examples, Workspace& workspace) const {
  const std::size_t panels = panel_count(examples);
  for (std::size_t index = 0; index < network_.head.size(); ++index) {
    const DenseStep& step = network_.head[index];
    const std::size_t width = step.matrix.rows();
    // Two buffers in turn.
    kernels::AlignedBuffer<float>& buffer = index % 2 == 0 ? workspace.inner : workspace.states;
    const Panels output{buffer.reserve(panels * width * kPanelTokens), width};
    const Operands operands = prepare_operands(kernels_, features, examples, step.matrix.format(),
                                               OperandUse::before_change, workspace.operands);
    const bool fused = step.activation == HeadActivation::gelu;
    multiply(kernels_, step.matrix, operands, output, examples,
             fused ? Epilogue::gelu : Epilogue::store);
    if (!fused) activate(kernels_, step.activation, output, examples);
    if (step.norm) normalise(kernels_, *step.norm, output, examples);
    if (step.residual) {
      for (std::size_t i = 0; i < panels * output.stride(); ++i) {
        output.data[i] += features.data[i];
      }
    }
    features = output;
  }
  return features;
}

void HeadPass::run(const float* states, std::size_t groups, bool separated, Workspace& workspace,
                   float* logits) const {
  workspace.profile.start();
  const std::size_t instances = network_.mixing.instances;
  const auto put_logits = [&](const Panels& panels, std::size_t examples, const auto& place) {
    for (std::size_t column = 0; column < examples; ++column) {
      for (std::size_t label = 0; label < network_.labels; ++label) {
        logits[place(column) * network_.labels + label] =
            panels.feature(column / kPanelTokens, label)[column % kPanelTokens];
      }
    }
  };
  if (!network_.separation || separated) {
    const std::size_t examples = groups * instances;
    const std::size_t width = network_.head.front().matrix.columns();
    const Panels features{workspace.states.reserve(panel_count(examples) * width * kPanelTokens),
                          width};
    put_columns(states, examples, width, features);
    put_logits(classify(features, examples, workspace), examples,
               [](std::size_t column) { return column; });
  } else {
    const std::size_t together = network_.separation->one_for_each_instance() ? 1 : instances;
    for (std::size_t first = 0; first < instances; first += together) {
      const Panels features = separate(states, groups, {first, together}, workspace);
      const std::size_t examples = groups * together;
      put_logits(classify(features, examples, workspace), examples, [&](std::size_t column) {
        return column % groups * instances + first + column / groups;
      });
    }
  }
  workspace.profile.add(Part::head);
}

}  // namespace prumux::runtime
