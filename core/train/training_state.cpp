#include "core/train/training_state.h"

namespace prumux::train {
namespace {

using nlohmann::json;

json to_json(const std::optional<Evaluation>& evaluation) {
  if (!evaluation) return nullptr;
  return {{"score", evaluation->score}, {"metrics", evaluation->metrics}};
}

std::optional<Evaluation> evaluation_from_json(const json& value) {
  if (value.is_null()) return std::nullopt;
  return Evaluation{value.at("score").get<double>(),
                    value.at("metrics").get<std::map<std::string, double>>()};
}

}  // namespace

json to_json(const TrainingState& state) {
  return {{"step", state.step},
          {"epoch", state.position.epoch},
          {"batch_index", state.position.index},
          {"best_step", state.best_step ? json(*state.best_step) : json(nullptr)},
          {"best", to_json(state.best)},
          {"last", to_json(state.last)},
          {"evaluations_without_best", state.evaluations_without_best},
          {"loss_sum", state.loss_sum},
          {"loss_count", state.loss_count},
          {"metrics_bytes", state.metrics_bytes}};
}

TrainingState training_state_from_json(const json& value) {
  TrainingState state;
  state.step = value.at("step").get<std::int64_t>();
  state.position = {value.at("epoch").get<std::int64_t>(),
                    value.at("batch_index").get<std::int64_t>()};
  const json& best_step = value.at("best_step");
  if (!best_step.is_null()) state.best_step = best_step.get<std::int64_t>();
  state.best = evaluation_from_json(value.at("best"));
  state.last = evaluation_from_json(value.at("last"));
  state.evaluations_without_best = value.at("evaluations_without_best").get<std::int64_t>();
  state.loss_sum = value.at("loss_sum").get<double>();
  state.loss_count = value.at("loss_count").get<std::int64_t>();
  state.metrics_bytes = value.at("metrics_bytes").get<std::int64_t>();
  return state;
}

}  // namespace prumux::train
