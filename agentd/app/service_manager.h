// What systemd gives the daemon and wants to hear from it. Started by anything else, all of this does nothing.
#pragma once

#include "common/task.h"

#include <kj/io.h>
#include <kj/timer.h>

namespace cbs::app {

// The socket that systemd listens at for us (LISTEN_FDS), non-blocking, or nothing. To be called once.
kj::Maybe<kj::AutoCloseFd> activatedSocket();

void notifyReady();
void notifyStopping();

// Tells systemd again and again that the event loop turns, if it wants to know (WatchdogSec=). Ends when it does not.
Task<void> keepWatchdogCalm(kj::Timer& timer);

}  // namespace cbs::app
