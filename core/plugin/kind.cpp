#include "core/plugin/kind.h"

namespace prumux::plugin {

namespace {

constexpr Kind kKinds[] = {
    {PRUMUX_COMPRESSOR, "compressor", "compressor", PRUMUX_COMPRESSOR_INTERFACE},
    {PRUMUX_MULTIPLEXER, "multiplexer", "multiplexer", PRUMUX_MULTIPLEXER_INTERFACE},
    {PRUMUX_PERFORMANCE_MODEL, "performance model", "performance-model",
     PRUMUX_PERFORMANCE_MODEL_INTERFACE},
    {PRUMUX_STAGE, "stage", "stage", PRUMUX_STAGE_INTERFACE},
    {PRUMUX_METRIC, "metric", "metric", PRUMUX_METRIC_INTERFACE},
    {PRUMUX_DATASET_READER, "dataset reader", "dataset-reader", PRUMUX_DATASET_READER_INTERFACE},
    {PRUMUX_HEAD, "head", "head", PRUMUX_HEAD_INTERFACE},
};

}  // namespace

std::optional<Kind> find_kind(std::uint32_t kind) {
  for (const Kind& candidate : kKinds) {
    if (static_cast<std::uint32_t>(candidate.id) == kind) return candidate;
  }
  return std::nullopt;
}

std::optional<Kind> find_kind(const std::string& word) {
  for (const Kind& candidate : kKinds) {
    if (candidate.word == word) return candidate;
  }
  return std::nullopt;
}

std::string kind_name(std::uint32_t kind) {
  const std::optional<Kind> known = find_kind(kind);
  return known ? known->name : "kind " + std::to_string(kind);
}

}  // namespace prumux::plugin
