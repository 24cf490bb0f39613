// One client of the light server.
#pragma once

#include "tests/support/light_server/alarms.h"
#include "tests/support/light_server/commands.h"

#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <libssh/server.h>

#include <list>
#include <memory>

namespace cbs::light {

// A session channel and the command on it. libssh calls back with a pointer to it: it stays where it is.
class Channel {
 public:
  // `alarms` wakes the connection when the command has something to say.
  Channel(ssh_session session, Alarms& alarms);
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  ssh_channel raw() { return channel_; }
  bool closed() const { return ssh_channel_is_closed(channel_) != 0; }
  // Writes what the client's window has room for; exits when all is written.
  void proceed();

 private:
  void start(const std::string& command);
  bool writeZeros();
  void exit();

  Alarms& alarms_;
  ssh_channel channel_;
  ssh_channel_callbacks_struct callbacks_{};
  Plan plan_;
  Alarms::Clock::time_point begin_;  // of its output
  enum class Phase { kIdle, kRunning, kExited } phase_ = Phase::kIdle;
};

// From the handshake on. Lets in whoever has the key, whatever the user's name.
class Connection {
 public:
  // Takes over `session`, which has its socket already. `userKey` and `alarms` outlive the connection.
  Connection(ssh_session session, ssh_key userKey, Alarms& alarms);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int socket() const { return ssh_get_fd(session_); }
  // Does what can be done without waiting; false once the connection is at its end.
  bool serve();
  // True while something waits for room in the socket.
  bool wantsToWrite() const { return (ssh_get_poll_flags(session_) & SSH_WRITE_PENDING) != 0; }

 private:
  int judgeKey(ssh_key offered, char signatureState);
  ssh_channel openChannel();

  ssh_session session_;
  ssh_event event_;
  ssh_key userKey_;
  Alarms& alarms_;
  ssh_server_callbacks_struct callbacks_{};
  std::list<std::unique_ptr<Channel>> channels_;
};

}  // namespace cbs::light
