// Ends a measurement early, and leaves nothing of it behind.
#pragma once

namespace cbs::bench {

// From now on SIGINT, SIGTERM and SIGHUP do not kill this process, but make throwIfInterrupted() throw: what the
// measurement has started and written goes with its objects. A system call that waits fails with EINTR.
void endWhenInterrupted();

// Throws std::runtime_error once one of them has come.
void throwIfInterrupted();

}  // namespace cbs::bench
