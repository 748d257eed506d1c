#include "prumux/compressor.h"

namespace prumux {

ModelView::~ModelView() = default;
Compressor::~Compressor() = default;

at::Tensor Compressor::loss(const TrainingStep& step) { return step.task_loss; }

std::vector<ParameterGroup> Compressor::parameter_groups() { return {}; }

bool Compressor::trains(const std::string& /*name*/) const { return true; }

void Compressor::after_step(std::int64_t /*step*/) {}

std::map<std::string, double> Compressor::metrics() { return {}; }

std::map<std::string, std::int64_t> Compressor::ranks() { return {}; }

}  // namespace prumux
