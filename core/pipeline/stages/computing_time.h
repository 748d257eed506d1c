#pragma once

#include <cstddef>

#include "core/pipeline/summary.h"

namespace prumux::pipeline {

/// What all stages took; stages that cells share count once.
double spent_seconds(const Summary& summary);

/// What a cell will probably take: the sum over its missing stages of the mean time that stages
/// under the same id took, of the nearest number of instances there is; without one, the mean of
/// all stages. 1 where nothing has taken any time yet.
double expected_seconds(const Summary& summary, std::size_t cell);

}  // namespace prumux::pipeline
