#pragma once

#include <CLI/CLI.hpp>

namespace prumux::cli {

// Each adds one subcommand; its work is done in the subcommand's callback, while the command line
// is parsed. Results go to stdout as JSON, everything else to stderr; failures are exceptions.

}  // namespace prumux::cli
