#pragma once

#include "prumux/descriptor.h"

namespace prumux::plugin {

/// Whether a loaded plugin's descriptor is complete and consistent: sizes of the structs, no null
/// texts, known kinds, distinct names, and schemas whose defaults fit their own type and range.
/// Throws `PluginError` naming the method, the parameter and what is wrong.
void check_descriptor(const PrumuxPluginV1& plugin);

}  // namespace prumux::plugin
