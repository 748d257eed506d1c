#include "tests/onnx/interpreter.h"

#include <ATen/ATen.h>

#include <bit>
#include <cstring>
#include <functional>
#include <stdexcept>

#include "core/io/atomic_file.h"
#include "tests/onnx/message_reader.h"

namespace prumux::onnx {
namespace {

// Numbers in onnx.proto.
constexpr std::int64_t kFloat = 1;
constexpr std::int64_t kInt64 = 7;

at::Tensor read_tensor(const MessageReader& message) {
  const bool is_float = message.integer(2) == kFloat;
  if (!is_float && message.integer(2) != kInt64) throw std::runtime_error("unknown element type");
  const std::string_view raw = message.bytes(9);
  at::Tensor tensor = at::empty(message.integers(1), is_float ? at::kFloat : at::kLong);
  if (tensor.nbytes() != raw.size()) throw std::runtime_error("a tensor has a wrong size");
  std::memcpy(tensor.mutable_data_ptr(), raw.data(), raw.size());
  return tensor;
}

struct Node {
  std::string operation;
  std::vector<at::Tensor> inputs;
  std::map<std::string, MessageReader> attributes;

  std::int64_t integer(const std::string& name, std::int64_t otherwise) const {
    const auto found = attributes.find(name);
    return found == attributes.end() ? otherwise : found->second.integer(3);
  }
  std::vector<std::int64_t> integers(const std::string& name) const {
    return attributes.at(name).integers(8);
  }
  float real(const std::string& name) const {
    for (const auto& field : attributes.at(name).fields()) {
      if (field.number == 2) return std::bit_cast<float>(static_cast<std::uint32_t>(field.integer));
    }
    throw std::runtime_error("no number under " + name);
  }
  /// The entries of an input with integers.
  std::vector<std::int64_t> list(std::size_t input) const {
    const at::Tensor values = inputs.at(input).contiguous();
    const auto* first = values.const_data_ptr<std::int64_t>();
    return {first, first + values.numel()};
  }
};

at::Tensor reshape(const at::Tensor& x, std::vector<std::int64_t> shape) {
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    if (shape[axis] == 0) shape[axis] = x.size(static_cast<std::int64_t>(axis));
  }
  return x.reshape(shape);
}

at::Tensor shape_of(const Node& node) {
  const at::Tensor& x = node.inputs[0];
  std::int64_t begin = node.integer("start", 0);
  const std::int64_t end = node.integer("end", x.dim());
  if (begin < 0) begin += x.dim();
  return at::tensor(x.sizes().vec(), at::kLong).slice(0, begin, end);
}

at::Tensor gather(const Node& node) {
  const at::Tensor& x = node.inputs[0];
  const at::Tensor& index = node.inputs[1];
  const std::int64_t axis = node.integer("axis", 0);
  std::vector<std::int64_t> shape = x.sizes().vec();
  shape.erase(shape.begin() + axis);
  shape.insert(shape.begin() + axis, index.sizes().begin(), index.sizes().end());
  return x.index_select(axis, index.flatten()).reshape(shape);
}

at::Tensor unsqueeze(at::Tensor x, const std::vector<std::int64_t>& axes) {
  for (const std::int64_t axis : axes) x = x.unsqueeze(axis);
  return x;
}

at::Tensor concat(const Node& node) {
  return at::cat(std::vector<at::Tensor>(node.inputs), node.integer("axis", 0));
}

at::Tensor slice(const Node& node) {
  return node.inputs[0].slice(node.list(3).at(0), node.list(1).at(0), node.list(2).at(0));
}

at::Tensor layer_norm(const Node& node) {
  const at::Tensor& x = node.inputs[0];
  const at::Tensor centred = x - x.mean(-1, true);
  const at::Tensor variance = centred.square().mean(-1, true);
  return centred / (variance + node.real("epsilon")).sqrt() * node.inputs[1] + node.inputs[2];
}

using Operator = std::function<at::Tensor(const Node&)>;

const std::map<std::string, Operator>& operators() {
  static const std::map<std::string, Operator> table = {
      {"Identity", [](const Node& n) { return n.inputs[0]; }},
      {"MatMul", [](const Node& n) { return at::matmul(n.inputs[0], n.inputs[1]); }},
      {"Add", [](const Node& n) { return n.inputs[0] + n.inputs[1]; }},
      {"Sub", [](const Node& n) { return n.inputs[0] - n.inputs[1]; }},
      {"Mul", [](const Node& n) { return n.inputs[0] * n.inputs[1]; }},
      {"Div", [](const Node& n) { return n.inputs[0] / n.inputs[1]; }},
      {"Max", [](const Node& n) { return at::maximum(n.inputs[0], n.inputs[1]); }},
      {"Pow", [](const Node& n) { return n.inputs[0].pow(n.inputs[1]); }},
      {"Erf", [](const Node& n) { return n.inputs[0].erf(); }},
      {"Tanh", [](const Node& n) { return n.inputs[0].tanh(); }},
      {"Relu", [](const Node& n) { return n.inputs[0].relu(); }},
      {"Equal", [](const Node& n) { return n.inputs[0].eq(n.inputs[1]); }},
      {"Not", [](const Node& n) { return n.inputs[0].logical_not(); }},
      {"Cast",
       [](const Node& n) {
         return n.inputs[0].to(n.integer("to", 0) == kFloat ? at::kFloat : at::kLong);
       }},
      {"CumSum", [](const Node& n) { return n.inputs[0].cumsum(n.inputs[1].item<int64_t>()); }},
      {"Softmax", [](const Node& n) { return n.inputs[0].softmax(n.integer("axis", -1)); }},
      {"ReduceSum",
       [](const Node& n) { return n.inputs[0].sum(n.list(1), n.integer("keepdims", 1) != 0); }},
      {"ReduceMax",
       [](const Node& n) {
         return n.inputs[0].amax(n.integers("axes"), n.integer("keepdims", 1) != 0);
       }},
      {"Transpose", [](const Node& n) { return n.inputs[0].permute(n.integers("perm")); }},
      {"Reshape", [](const Node& n) { return reshape(n.inputs[0], n.list(1)); }},
      {"Expand", [](const Node& n) { return n.inputs[0].expand(n.list(1)); }},
      {"Unsqueeze", [](const Node& n) { return unsqueeze(n.inputs[0], n.list(1)); }},
      {"Squeeze", [](const Node& n) { return n.inputs[0].squeeze(n.list(1).at(0)); }},
      {"Shape", shape_of},
      {"Gather", gather},
      {"Concat", concat},
      {"Slice", slice},
      {"LayerNormalization", layer_norm},
  };
  return table;
}

Node read_node(const MessageReader& message, const Tensors& values) {
  Node node;
  node.operation = message.text(4);
  for (const std::string_view input : message.all(1)) {
    node.inputs.push_back(values.at(std::string(input)));
  }
  for (const std::string_view attribute : message.all(5)) {
    const MessageReader reader(attribute);
    node.attributes.emplace(reader.text(1), reader);
  }
  return node;
}

}  // namespace

Tensors run_onnx(const std::filesystem::path& file, const Tensors& inputs) {
  const std::string content = io::read_file(file);
  const MessageReader graph(MessageReader(content).bytes(7));
  Tensors values;
  for (const std::string_view bytes : graph.all(5)) {
    const MessageReader constant(bytes);
    values[constant.text(8)] = read_tensor(constant);
  }
  for (const std::string_view input : graph.all(11)) {
    const std::string name = MessageReader(input).text(1);
    values[name] = inputs.at(name);
  }
  for (const std::string_view bytes : graph.all(1)) {
    const MessageReader message(bytes);
    const Node node = read_node(message, values);
    const auto found = operators().find(node.operation);
    if (found == operators().end()) throw std::runtime_error("no operator " + node.operation);
    values[message.text(2)] = found->second(node);
  }
  Tensors outputs;
  for (const std::string_view output : graph.all(12)) {
    const std::string name = MessageReader(output).text(1);
    outputs[name] = values.at(name);
  }
  return outputs;
}

}  // namespace prumux::onnx
