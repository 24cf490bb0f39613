#include "agentd/app/service_manager.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include <cinttypes>

#include <cstdlib>

namespace cbs::app {

kj::Maybe<kj::AutoCloseFd> activatedSocket() {
  if (sd_listen_fds(1) < 1) return nullptr;
  kj::AutoCloseFd socket(SD_LISTEN_FDS_START);
  if (sd_is_socket(socket, AF_UNIX, SOCK_STREAM, 1) <= 0) return nullptr;
  fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK);
  return kj::mv(socket);
}

void notifyReady() { sd_notify(0, "READY=1"); }

void notifyReloading() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  uint64_t us = static_cast<uint64_t>(now.tv_sec) * 1'000'000 + static_cast<uint64_t>(now.tv_nsec) / 1'000;
  sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64, us);
}

void notifyStopping() { sd_notify(0, "STOPPING=1"); }

// What the other one has said to the watchdog so far was not heard.
void notifyMainProcess(pid_t pid) { sd_notifyf(0, "WATCHDOG=1\nMAINPID=%d", static_cast<int>(pid)); }

// The watchdog's variables name the process that they are for.
void succeedMainProcess() { unsetenv("WATCHDOG_PID"); }

Task<void> keepWatchdogCalm(kj::Timer& timer) {
  uint64_t limitUs = 0;
  if (sd_watchdog_enabled(0, &limitUs) <= 0) co_return;
  for (;;) {
    sd_notify(0, "WATCHDOG=1");
    co_await timer.afterDelay(static_cast<int64_t>(limitUs / 2) * kj::MICROSECONDS);
  }
}

}  // namespace cbs::app
