#pragma once

#include "core/model/model.h"
#include "prumux/structure.h"

namespace prumux::model {

/// Masks for a model of whatever shape, pruned or not: a layer's n units are the first n entries of
/// its row, and the entries of units that it has not are 0. Absent masks keep what is there.
/// Throws `DataError` when a mask keeps a unit that the model has not.
StructureMasks fit_masks(const StructureMasks& masks, const Model& model);

}  // namespace prumux::model
