#include "cli/daemon/reach.h"

#include "cli/daemon/folder_watch.h"
#include "cli/daemon/start.h"
#include "common/local_socket.h"

#include <fcntl.h>
#include <sys/file.h>
#include <time.h>

#include <cerrno>

namespace cbs::cli {
namespace {

constexpr int64_t kReachMs = 12'000;  // a daemon's start, and a little

int64_t nowMs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

bool isAbsent(const Error& error) { return error.reason == Reason::NOT_RUNNING; }

// One of the programs that find no daemon at a socket.
//
// They agree by a lock on `<socket>.start` on the one that starts it. The others wait for a change in the folder: the
// socket that is moved into place, or the lock file that is closed because its holder has given up.
class Starter {
 public:
  explicit Starter(const DaemonPlace& place)
      : place_(place),
        watch_(place.socket.substr(0, place.socket.rfind('/'))),
        turn_(open((place.socket + ".start").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)) {}

  Expected<Reached> run() {
    if (turn_ == nullptr) return failed(place_.socket + ".start: " + systemMessage(errno));
    int64_t deadline = nowMs() + kReachMs;
    for (;;) {
      auto socket = connectLocal(place_.socket);
      if (socket) return Reached{kj::mv(*socket), started_};
      if (!isAbsent(socket.error())) return fail(std::move(socket.error()));
      if (started_) return failed("it ended right after its start");
      if (mayStart()) {
        if (auto begun = start(); !begun) return fail(std::move(begun.error()));
      } else if (!watch_.wait(deadline - nowMs())) {
        return failed("a daemon that is starting does not get ready");
      }
    }
  }

 private:
  bool mayStart() const { return !tried_ && flock(turn_, LOCK_EX | LOCK_NB) == 0; }

  // Whoever held the turn before us may have succeeded since we looked, so look again first.
  Expected<void> start() {
    tried_ = true;
    if (connectLocal(place_.socket)) return {};
    auto pid = startDaemon(place_);
    if (pid) {
      started_ = *pid;
    } else if (pid.error().reason != Reason::ALREADY_EXISTS) {
      return fail(std::move(pid.error()));
    }
    return {};
  }

  static tl::unexpected<Error> failed(std::string why) {
    return fail(ErrorKind::AGENT_UNREACHABLE, Reason::AUTOSTART_FAILED, std::move(why));
  }

  const DaemonPlace& place_;
  FolderWatch watch_;
  kj::AutoCloseFd turn_;
  std::optional<pid_t> started_;
  bool tried_ = false;
};

}  // namespace

Expected<Reached> reachDaemon(const DaemonPlace& place) {
  auto socket = connectLocal(place.socket);
  if (socket) return Reached{kj::mv(*socket), std::nullopt};
  if (!place.autostart || !isAbsent(socket.error())) return fail(std::move(socket.error()));
  if (auto ready = prepareSocketFolder(place.socket); !ready) return fail(std::move(ready.error()));
  return Starter(place).run();
}

}  // namespace cbs::cli
