#pragma once

namespace prumux::cli {

/// Has the threads of libtorch's operators sleep soon when they wait for work. By default they spin
/// for milliseconds, and beside any other program on the same cores a training of small steps is a
/// hundred times slower. libgomp reads this when it is loaded: unless the user has said how threads
/// wait (OMP_WAIT_POLICY, GOMP_SPINCOUNT), the program starts itself again, once. To be called
/// before anything is done; where that fails, nothing changes.
void let_waiting_threads_sleep();

}  // namespace prumux::cli
