#include "core/train/compression_objective.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>
#include <torch/types.h>

#include <algorithm>
#include <new>
#include <utility>

#include "core/train/autocast.h"
#include "core/train/task_objective.h"
#include "core/train/word_labels.h"
#include "prumux/error.h"

namespace prumux::train {
namespace {

class StudentView : public ModelView {
 public:
  explicit StudentView(std::shared_ptr<model::Model> model) : model_(std::move(model)) {}
  const EncoderConfig& encoder() const override { return model_->config().encoder; }
  std::int64_t num_instances() const override { return model_->num_instances(); }
  NamedTensors parameters() const override { return model_->checkpoint_parameters(); }

 private:
  std::shared_ptr<model::Model> model_;
};

[[noreturn]] void fail(const char* function, const std::string& reason) {
  throw PluginError(
      fmt::format("the compressor failed in '{}': {}. This is a mistake in the plugin; report it "
                  "to its author",
                  function, reason));
}

/// Calls the compressor's code.
template <typename F>
auto guarded(const char* function, F&& call) {
  try {
    return call();
  } catch (const Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const c10::Error& problem) {
    fail(function, problem.what_without_backtrace());
  } catch (const std::exception& problem) {
    fail(function, problem.what());
  }
}

}  // namespace

CompressionObjective::CompressionObjective(std::shared_ptr<model::Model> student,
                                           std::shared_ptr<Compressor> compressor,
                                           std::shared_ptr<model::Model> teacher,
                                           Precision precision)
    : student_(std::move(student)),
      compressor_(std::move(compressor)),
      teacher_(std::move(teacher)),
      precision_(precision),
      view_(std::make_unique<StudentView>(student_)) {
  if (!guarded("needs_teacher", [&] { return compressor_->needs_teacher(); })) {
    teacher_.reset();
    return;
  }
  if (!teacher_)
    throw ConfigError(
        "the compressor distils from a teacher, but the stage names none: name a finetune stage or "
        "a model folder as its teacher");
  const std::int64_t expected = student_->config().num_labels;
  if (teacher_->config().num_labels != expected)
    throw ConfigError(
        fmt::format("the teacher has {} labels and the student {}: both must be of the same task",
                    teacher_->config().num_labels, expected));
  const std::vector<std::string>& own = student_->config().label_names;
  const std::vector<std::string>& taught = teacher_->config().label_names;
  if (own != taught && std::ranges::is_permutation(own, taught))
    throw ConfigError(
        fmt::format("the teacher's labels are {} and the student's {}: both must have them in the "
                    "same order; train the teacher with a fresh classifier, or without 'head' here",
                    fmt::join(taught, ", "), fmt::join(own, ", ")));
  teacher_->eval();
}

CompressionObjective::~CompressionObjective() = default;

NamedTensors CompressionObjective::parameters() { return student_->checkpoint_parameters(); }

void CompressionObjective::set_training(bool training) { student_->train(training); }

void CompressionObjective::begin(const CompressionSchedule& schedule) {
  guarded("attach", [&] { compressor_->attach(*view_, schedule); });
  if (start_state_) load_state(*start_state_);
}

at::Tensor CompressionObjective::loss(const text::Batch& batch, std::int64_t step) {
  const StructureMasks masks =
      guarded("training_masks", [&] { return compressor_->training_masks(step); });
  masks.check(student_->config().encoder);
  ForwardRecord teacher;
  if (teacher_) {
    const at::NoGradGuard no_gradient;
    teacher = teacher_forward_ ? teacher_forward_(batch, compressor_->needs_hidden_states())
                               : forward(*teacher_, batch, nullptr);
  }
  const ForwardRecord student = forward(*student_, batch, &masks);

  TrainingStep training_step;
  training_step.step = step;
  training_step.masks = &masks;
  training_step.student = &student;
  training_step.teacher = teacher_ ? &teacher : nullptr;
  training_step.product_type = precision_ == Precision::bfloat16 ? at::kBFloat16 : at::kFloat;
  training_step.task_loss = task_loss(student.logits, labelled(batch.labels));
  const at::Tensor loss = guarded("loss", [&] { return compressor_->loss(training_step); });
  if (!loss.defined() || loss.dim() != 0 || !loss.requires_grad())
    fail("loss", "it returned no scalar with a gradient");
  return loss;
}

ForwardRecord CompressionObjective::forward(model::Model& model, const text::Batch& batch,
                                            const StructureMasks* masks) const {
  model::ForwardOptions options;
  options.masks = masks;
  options.zero_masks_are_constant = zero_masks_are_constant_;
  options.hidden_states = compressor_->needs_hidden_states();
  ForwardRecord record;
  {
    const Autocast autocast(precision_);
    record = model.forward(model_inputs(batch), options);
  }
  record.logits = labelled_logits(record.logits, batch.labels).to(at::kFloat);
  for (at::Tensor& states : record.hidden_states) states = states.to(at::kFloat);
  return record;
}

bool CompressionObjective::trains(const std::string& name) const {
  return guarded("trains", [&] { return compressor_->trains(name); });
}

std::vector<ParameterGroup> CompressionObjective::parameter_groups() {
  return guarded("parameter_groups", [&] { return compressor_->parameter_groups(); });
}

void CompressionObjective::after_step(std::int64_t step) {
  guarded("after_step", [&] { compressor_->after_step(step); });
}

bool CompressionObjective::meets_target() {
  return guarded("meets_target", [&] { return compressor_->meets_target(); });
}

std::map<std::string, double> CompressionObjective::metrics() {
  return guarded("metrics", [&] { return compressor_->metrics(); });
}

TensorMap CompressionObjective::state() const {
  return guarded("state", [&] { return compressor_->state(); });
}

void CompressionObjective::load_state(const TensorMap& state) {
  guarded("load_state", [&] { compressor_->load_state(state); });
}

}  // namespace prumux::train
