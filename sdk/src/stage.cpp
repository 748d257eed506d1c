#include "prumux/stage.h"

namespace prumux {

StageModel::~StageModel() = default;
StageContext::~StageContext() = default;
Stage::~Stage() = default;

}  // namespace prumux
