#include "agentd/app/service_manager.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>

namespace cbs::app {

kj::Maybe<kj::AutoCloseFd> activatedSocket() {
  if (sd_listen_fds(1) < 1) return nullptr;
  kj::AutoCloseFd socket(SD_LISTEN_FDS_START);
  if (sd_is_socket(socket, AF_UNIX, SOCK_STREAM, 1) <= 0) return nullptr;
  fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK);
  return kj::mv(socket);
}

void notifyReady() { sd_notify(0, "READY=1"); }

void notifyStopping() { sd_notify(0, "STOPPING=1"); }

Task<void> keepWatchdogCalm(kj::Timer& timer) {
  uint64_t limitUs = 0;
  if (sd_watchdog_enabled(0, &limitUs) <= 0) co_return;
  for (;;) {
    sd_notify(0, "WATCHDOG=1");
    co_await timer.afterDelay(static_cast<int64_t>(limitUs / 2) * kj::MICROSECONDS);
  }
}

}  // namespace cbs::app
