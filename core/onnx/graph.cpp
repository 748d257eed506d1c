#include "core/onnx/graph.h"

#include <ATen/ATen.h>
#include <spdlog/fmt/fmt.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "prumux/descriptor.h"
#include "prumux/error.h"

namespace prumux::onnx {
namespace {

// Numbers of fields and enumerators in onnx.proto.
constexpr std::int64_t kIrVersion = 8;
constexpr std::int64_t kOpset = 17;
constexpr std::int64_t kFloat = 1;
constexpr std::int64_t kInt64 = 7;
constexpr std::int64_t kFloatAttribute = 1;
constexpr std::int64_t kIntAttribute = 2;
constexpr std::int64_t kIntsAttribute = 7;
namespace model_field {
constexpr int ir_version = 1, producer_name = 2, producer_version = 3, graph = 7, opset = 8,
              metadata = 14;
}
namespace graph_field {
constexpr int node = 1, name = 2, initializer = 5, input = 11, output = 12;
}

constexpr std::uint64_t kLargestFile = (std::uint64_t{1} << 31) - 1;

std::int64_t number_of(Graph::Element element) {
  return element == Graph::Element::float32 ? kFloat : kInt64;
}

/// ValueInfoProto.
Message description(const std::string& name, Graph::Element element,
                    const std::vector<Dimension>& shape) {
  Message dimensions;
  for (const Dimension& dimension : shape) {
    Message entry;
    if (const auto* size = std::get_if<std::int64_t>(&dimension)) entry.integer(1, *size);
    if (const auto* free = std::get_if<std::string>(&dimension)) entry.text(2, *free);
    dimensions.message(1, entry);
  }
  Message tensor;
  tensor.integer(1, number_of(element));
  tensor.message(2, dimensions);
  Message type;
  type.message(1, tensor);
  Message result;
  result.text(1, name);
  result.message(2, type);
  return result;
}

/// AttributeProto.
Message attribute_message(const Attribute& attribute) {
  Message result;
  result.text(1, attribute.first);
  if (const auto* number = std::get_if<double>(&attribute.second)) {
    result.real(2, static_cast<float>(*number));
    result.integer(20, kFloatAttribute);
  } else if (const auto* integer = std::get_if<std::int64_t>(&attribute.second)) {
    result.integer(3, *integer);
    result.integer(20, kIntAttribute);
  } else {
    for (const std::int64_t entry : std::get<std::vector<std::int64_t>>(attribute.second)) {
      result.integer(8, entry);
    }
    result.integer(20, kIntsAttribute);
  }
  return result;
}

/// TensorProto up to the header of its raw data.
Message tensor_message(const std::string& name, const at::Tensor& tensor) {
  Message result;
  for (const std::int64_t size : tensor.sizes()) result.integer(1, size);
  result.integer(2, tensor.is_floating_point() ? kFloat : kInt64);
  result.text(8, name);
  result.header(9, tensor.nbytes());
  return result;
}

}  // namespace

Value Graph::input(const std::string& name, Element element, const std::vector<Dimension>& shape) {
  nodes_.message(graph_field::input, description(name, element, shape));
  return name;
}

Value Graph::constant(const std::string& name, const at::Tensor& tensor) {
  const at::ScalarType type = tensor.is_floating_point() ? at::kFloat : at::kLong;
  constants_.emplace_back(unique(name), tensor.detach().to(at::kCPU, type).contiguous());
  return constants_.back().first;
}

Value Graph::node(const std::string& operation, const std::vector<Value>& inputs,
                  const std::vector<Attribute>& attributes) {
  const Value result = unique(operation);
  Message message;
  for (const Value& input : inputs) message.text(1, input);
  message.text(2, result);
  message.text(3, result);
  message.text(4, operation);
  for (const Attribute& attribute : attributes) message.message(5, attribute_message(attribute));
  nodes_.message(graph_field::node, message);
  return result;
}

void Graph::output(const std::string& name, Element element, const Value& value,
                   const std::vector<Dimension>& shape) {
  Message identity;
  identity.text(1, value);
  identity.text(2, name);
  identity.text(3, name);
  identity.text(4, "Identity");
  nodes_.message(graph_field::node, identity);
  nodes_.message(graph_field::output, description(name, element, shape));
}

void Graph::note(const std::string& key, const std::string& text) {
  Message entry;
  entry.text(1, key);
  entry.text(2, text);
  notes_.message(model_field::metadata, entry);
}

void Graph::write(const std::filesystem::path& file) const {
  Message graph = nodes_;
  graph.text(graph_field::name, "prumux");
  std::vector<std::string> headers;
  std::uint64_t size = graph.bytes().size();
  for (const auto& [name, tensor] : constants_) {
    const Message description = tensor_message(name, tensor);
    Message header;
    header.header(graph_field::initializer, description.bytes().size() + tensor.nbytes());
    headers.push_back(header.bytes() + description.bytes());
    size += headers.back().size() + tensor.nbytes();
  }
  if (size > kLargestFile) {
    throw DataError(fmt::format("the model takes {} MB as an ONNX file, which is limited to 2 GiB",
                                size >> 20));
  }
  Message opset;
  opset.integer(2, kOpset);
  Message model;
  model.integer(model_field::ir_version, kIrVersion);
  model.text(model_field::producer_name, "prumux");
  model.text(model_field::producer_version, PRUMUX_SDK_VERSION);
  model.message(model_field::opset, opset);
  model.header(model_field::graph, size);

  std::ofstream stream(file, std::ios::binary);
  stream << notes_.bytes() << model.bytes() << graph.bytes();
  for (std::size_t index = 0; index < constants_.size(); ++index) {
    const at::Tensor& tensor = constants_[index].second;
    stream << headers[index];
    stream.write(static_cast<const char*>(tensor.const_data_ptr()),
                 static_cast<std::streamsize>(tensor.nbytes()));
  }
  stream.close();
  if (!stream) {
    throw IoError(fmt::format("cannot write '{}': {}", file.string(), std::strerror(errno)));
  }
}

}  // namespace prumux::onnx
