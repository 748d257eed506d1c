#pragma once

namespace prumux::cli {

/// From now on the first SIGINT or SIGTERM only asks to stop; a second one ends the process.
void watch_for_interrupts();

/// Whether one has come.
bool is_interrupted();

}  // namespace prumux::cli
