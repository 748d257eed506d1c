#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/onnx/message.h"

namespace prumux::onnx {

/// A tensor of a graph, by its name.
using Value = std::string;

/// A dimension with a name is free, others are fixed.
using Dimension = std::variant<std::int64_t, std::string>;

using Attribute =
    std::pair<std::string, std::variant<std::int64_t, double, std::vector<std::int64_t>>>;

/// An ONNX graph under construction (opset 17), with its weights as float32 and int64 constants.
class Graph {
 public:
  enum class Element { float32, int64 };

  Value input(const std::string& name, Element element, const std::vector<Dimension>& shape);
  /// Floating-point tensors become float32, others int64. `name` begins its name in the graph.
  Value constant(const std::string& name, const at::Tensor& tensor);
  /// The one result of an operator.
  Value node(const std::string& operation, const std::vector<Value>& inputs,
             const std::vector<Attribute>& attributes = {});
  /// Makes `value` a result called `name`.
  void output(const std::string& name, Element element, const Value& value,
              const std::vector<Dimension>& shape);
  /// A note for whoever reads the file.
  void note(const std::string& key, const std::string& text);

  /// Throws `IoError`, and `DataError` when it would be larger than the format allows (2 GiB).
  void write(const std::filesystem::path& file) const;

 private:
  std::string unique(const std::string& name) { return name + "_" + std::to_string(count_++); }

  Message nodes_;  // fields of GraphProto
  Message notes_;  // fields of ModelProto
  std::vector<std::pair<std::string, at::Tensor>> constants_;
  std::int64_t count_ = 0;
};

}  // namespace prumux::onnx
