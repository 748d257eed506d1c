#include "core/runtime/flops.h"

#include <ATen/ATen.h>
#include <ATen/record_function.h>

#include <string_view>

#include "core/model/evaluation_mode.h"

namespace prumux::runtime {
namespace {

// A callback of ATen carries no state of its own.
thread_local double counted_flops = 0.0;

std::unique_ptr<at::ObserverContext> count_products(const at::RecordFunction& function) {
  const auto inputs = function.inputs();
  // [..., rows, inner] by [..., inner, columns].
  const auto product = [&](std::size_t left, std::size_t right) {
    const double columns = static_cast<double>(inputs[right].toTensor().size(-1));
    return 2.0 * static_cast<double>(inputs[left].toTensor().numel()) * columns;
  };
  const std::string_view name = function.name();
  if (name == "aten::mm" || name == "aten::bmm") {
    counted_flops += product(0, 1);
  } else if (name == "aten::addmm" || name == "aten::baddbmm") {
    counted_flops += product(1, 2);
  } else if (name.starts_with("aten::_scaled_dot_product_") && !name.ends_with("_math")) {
    const auto keys = static_cast<double>(inputs[1].toTensor().size(-2));
    // Scores, and the sum of the values that they weigh.
    counted_flops += 4.0 * static_cast<double>(inputs[0].toTensor().numel()) * keys;
  }
  return nullptr;
}

/// Counts what this thread computes while it lives.
class FlopCounter {
 public:
  FlopCounter()
      : handle_(at::addThreadLocalCallback(
            at::RecordFunctionCallback(count_products).needsInputs(true))) {
    counted_flops = 0.0;
  }
  ~FlopCounter() { at::removeCallback(handle_); }
  FlopCounter(const FlopCounter&) = delete;
  FlopCounter& operator=(const FlopCounter&) = delete;

  double flops() const { return counted_flops; }

 private:
  at::CallbackHandle handle_;
};

}  // namespace

double flops_per_example(model::Model& model, std::int64_t length) {
  const at::NoGradGuard no_gradient;
  const model::EvaluationMode evaluation(model);
  const std::int64_t instances = model.num_instances();
  const std::int64_t word = model.config().encoder.pad_token_id == 0 ? 1 : 0;
  const at::Tensor input_ids = at::full({instances, length}, word, at::kLong);
  const FlopCounter counter;
  model.forward({input_ids, {}, {}});
  return counter.flops() / static_cast<double>(instances);
}

}  // namespace prumux::runtime
