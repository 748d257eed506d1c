#include "tensor_checks.h"

#include "prumux/error.h"

namespace prumux::datamux {

std::string shape_text(at::IntArrayRef shape) {
  std::string text;
  for (const std::int64_t size : shape) {
    text += (text.empty() ? "" : ", ") + std::to_string(size);
  }
  return "[" + text + "]";
}

void check_shape(const std::string& name, const at::Tensor& tensor,
                 const std::vector<std::int64_t>& shape) {
  if (tensor.sizes() != at::IntArrayRef(shape)) {
    throw DataError("tensor '" + name + "' has shape " + shape_text(tensor.sizes()) +
                    ", expected " + shape_text(shape) +
                    ": the checkpoint does not belong to this config.json");
  }
}

void check_kept(const at::Tensor& kept, const at::Tensor& scales, std::int64_t width) {
  const std::string where = "datamux: the hidden dimensions to keep ";
  if (kept.scalar_type() != at::kLong || kept.dim() != 1 || kept.numel() == 0) {
    throw DataError(where + "have shape " + shape_text(kept.sizes()) +
                    ", expected a list of at least one int64 index");
  }
  if (scales.sizes() != kept.sizes()) {
    throw DataError(where + "and their scales differ in number: the scales have shape " +
                    shape_text(scales.sizes()) + ", expected " + shape_text(kept.sizes()));
  }
  const bool ascending = kept.diff().gt(0).all().item<bool>();
  const auto first = kept[0].item<std::int64_t>();
  const auto last = kept[-1].item<std::int64_t>();
  if (!ascending || first < 0 || last >= width) {
    throw DataError(where + "run from " + std::to_string(first) + " to " + std::to_string(last) +
                    (ascending ? "" : ", not ascending") +
                    ", expected ascending indices from 0 to " + std::to_string(width - 1));
  }
}

void check_hidden(const at::Tensor& hidden, std::int64_t width) {
  if (hidden.dim() != 3 || hidden.size(2) != width) {
    throw DataError("datamux: the hidden states have shape " + shape_text(hidden.sizes()) +
                    ", expected [groups, positions, " + std::to_string(width) + "]");
  }
}

void check_indices(const std::string& name, const at::Tensor& indices, std::int64_t size) {
  if (!indices.is_cpu()) {
    return;
  }
  const at::Tensor outside = indices.masked_select(indices.lt(0).logical_or(indices.ge(size)));
  if (outside.numel() != 0) {
    throw DataError("datamux: " + name + " holds " +
                    std::to_string(outside[0].item<std::int64_t>()) +
                    ", expected values from 0 to " + std::to_string(size - 1));
  }
}

void check_selection(const TokenSelection& selection, const at::Tensor& hidden,
                     std::int64_t num_instances) {
  check_indices("selected groups", selection.group, hidden.size(0));
  check_indices("selected instances", selection.instance, num_instances);
  check_indices("selected positions", selection.position, hidden.size(1));
}

void replace(at::Tensor& parameter, const at::Tensor& value) {
  parameter.mutable_grad().reset();
  parameter.set_data(value.detach().contiguous());
}

}  // namespace prumux::datamux
