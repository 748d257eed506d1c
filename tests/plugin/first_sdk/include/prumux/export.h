#pragma once

/// Marks a name that crosses shared-library borders; everything else is compiled hidden.
#define PRUMUX_EXPORT __attribute__((visibility("default")))
