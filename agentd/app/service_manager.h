// What systemd gives the daemon and wants to hear from it. Started by anything else, all of this does nothing.
#pragma once

#include "common/task.h"

#include <kj/io.h>
#include <kj/timer.h>
#include <sys/types.h>

namespace cbs::app {

// The socket that systemd listens at for us (LISTEN_FDS), non-blocking, or nothing. To be called once.
kj::Maybe<kj::AutoCloseFd> activatedSocket();

void notifyReady();
// The configuration is read again; to be followed by notifyReady.
void notifyReloading();
void notifyStopping();

// Says that another process is the service now.
void notifyMainProcess(pid_t pid);

// To be called by a process that has taken another one's place and environment.
void succeedMainProcess();

// Tells systemd again and again that the event loop turns, if it wants to know (WatchdogSec=). Ends when it does not.
Task<void> keepWatchdogCalm(kj::Timer& timer);

}  // namespace cbs::app
