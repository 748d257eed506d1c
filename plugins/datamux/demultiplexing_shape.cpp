#include "demultiplexing_shape.h"

#include "tensor_checks.h"

namespace prumux::datamux {

DemultiplexingShape::DemultiplexingShape(const MultiplexerArguments& arguments)
    : num_instances(arguments.num_instances),
      hidden_size(arguments.encoder.hidden_size),
      encoder_width(arguments.encoder.hidden_size) {}

void DemultiplexingShape::check(const at::Tensor& hidden, const at::Tensor& positions) const {
  check_hidden(hidden, encoder_width);
  check_indices("positions", positions, hidden.size(1));
}

void DemultiplexingShape::check(const at::Tensor& hidden, const TokenSelection& selection) const {
  check_hidden(hidden, encoder_width);
  check_selection(selection, hidden, num_instances);
}

}  // namespace prumux::datamux
