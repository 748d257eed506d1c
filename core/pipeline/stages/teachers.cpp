#include "core/pipeline/stages/teachers.h"

#include "core/runtime/remembered_states.h"
#include "core/runtime/teacher_pass.h"
#include "core/runtime/token_states.h"

namespace prumux::pipeline {
namespace {

runtime::EngineOptions options_for(train::Precision precision) {
  runtime::EngineOptions options;
  options.precision = precision == train::Precision::bfloat16 ? runtime::Precision::bfloat16
                                                              : runtime::Precision::float32;
  return options;
}

}  // namespace

train::ImitatedModel imitated(const std::shared_ptr<model::Model>& teacher,
                              train::Precision precision, std::size_t memory) {
  const auto states = std::make_shared<runtime::RememberedStates>(
      runtime::TokenStates(teacher, options_for(precision)),
      precision == train::Precision::bfloat16 ? at::kBFloat16 : at::kFloat, memory);
  return {states->width(), [states](const text::Batch& batch) { return (*states)(batch); }};
}

train::TeacherForward teacher_forward(const std::shared_ptr<model::Model>& teacher,
                                      train::Precision precision) {
  if (!runtime::TeacherPass::can_run(*teacher)) return {};
  const auto pass = std::make_shared<const runtime::TeacherPass>(teacher, options_for(precision));
  return [pass](const text::Batch& batch, bool hidden_states) {
    return (*pass)(batch, hidden_states);
  };
}

}  // namespace prumux::pipeline
