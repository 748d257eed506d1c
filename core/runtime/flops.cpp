#include "core/runtime/flops.h"

#include <string>

#include "core/model/plugin_head.h"
#include "core/model/vocabulary_head.h"

namespace prumux::runtime {
namespace {

bool is_embedding_table(const std::string& name) {
  return name.find("_embeddings.") != std::string::npos;
}

bool is_encoder_layer(const std::string& name) {
  return name.find("encoder.layer.") != std::string::npos;
}

}  // namespace

double flops_per_example(const model::Model& model, std::int64_t length) {
  const auto instances = static_cast<double>(model.num_instances());
  const auto tokens = static_cast<double>(length);
  double read = 1.0;  // Positions that the head and the separation see.
  if (const auto& head = model.plugin_head()) {
    read = static_cast<double>(head->positions_read(length));
  }
  double per_group = 0.0;
  double per_example = 0.0;
  for (const auto& [name, parameter] : model.checkpoint_parameters()) {
    if (parameter.dim() != 2 || is_embedding_table(name) || model::is_vocabulary_head(name))
      continue;
    const double product = 2.0 * static_cast<double>(parameter.numel());
    if (is_encoder_layer(name)) {
      per_group += product * tokens;
      // Scores and weighted sum of attention: once for each kept dimension of the values.
      if (name.ends_with("attention.self.value.weight")) {
        per_group += 4.0 * static_cast<double>(parameter.size(0)) * tokens * tokens;
      }
    } else {
      per_example += product * read;
    }
  }
  return per_group / instances + per_example;
}

}  // namespace prumux::runtime
