// A session channel (RFC 4254 §6): one command, or one subsystem.
#pragma once

#include "agentd/ssh/session.h"
#include "common/error.h"
#include "common/task.h"

#include <kj/array.h>

#include <optional>
#include <string>

namespace cbs::ssh {

// Of every channel that we open, in bytes, as OpenSSH's client has them: the window is enough for 40 MB/s at a round
// trip of 50 ms, and a reader that does not read holds no more than that.
constexpr unsigned kChannelWindow = 2 * 1024 * 1024;
constexpr unsigned kChannelPacket = 32 * 1024;

struct Terminal {
  std::string type;  // $TERM
  unsigned columns = 80;
  unsigned rows = 24;
  std::string modes;  // RFC 4254 §8
};

// How a command ended.
struct ExitStatus {
  enum class Kind { EXITED, SIGNALLED, UNKNOWN };
  Kind kind = Kind::UNKNOWN;  // UNKNOWN: the channel was closed without a status
  int code = 0;
  std::string signal = {};  // without SIG
};

// Owns the channel; dropping it closes the channel in the background. Errors are of kind `lost` when the connection
// breaks.
class Channel {
 public:
  // One chunk of what a command prints: nearly as much as the protocol to the caller allows. With 64 KiB glibc would
  // tidy up its whole heap (malloc_consolidate) at each command's end.
  static constexpr size_t kChunk = size_t{60} * 1024;

  struct Chunk {
    bool isStderr;
    kj::ArrayPtr<const kj::byte> bytes;  // valid until the next read
  };

  Channel(kj::Own<Session> session, LIBSSH2_CHANNEL* channel);
  ~Channel() noexcept(false);
  KJ_DISALLOW_COPY(Channel);

  Task<Expected<void>> requestTerminal(Terminal terminal);

  // Sets a variable of the command's environment, without waiting for the server's word: most refuse most of them
  // (AcceptEnv), which is no error.
  Task<Expected<void>> setEnvironment(std::string name, std::string value);

  // What a channel can run: a line for the user's shell, that shell itself, or a subsystem.
  enum class Program { EXEC, SHELL, SUBSYSTEM };

  // Starts it. `words` are the line, or the subsystem's name; the shell has none. `sent` becomes true when the request
  // may have left as a whole: if it is false after a failure, nothing runs on the host. A server that refuses gives
  // commandRefused.
  Task<Expected<void>> start(Program program, std::string words, bool* sent);
  Task<Expected<void>> exec(std::string line, bool* sent) { return start(Program::EXEC, std::move(line), sent); }

  // The next piece of output; none when both streams have ended. One reader at a time.
  Task<Expected<std::optional<Chunk>>> read();

  // Writes all of `bytes` to standard input. One writer at a time. After the command's end, writes succeed and go
  // nowhere.
  Task<Expected<void>> write(kj::Array<kj::byte> bytes);
  Task<Expected<void>> sendEof();

  Task<Expected<void>> signal(std::string name);
  Task<Expected<void>> resize(unsigned columns, unsigned rows);

  // After the output's end: waits until the server has closed the channel, and tells how the command ended.
  Task<Expected<ExitStatus>> awaitExit();

  // Resolves when the channel has been given back to the server, after the Channel has been dropped.
  kj::Promise<void> whenClosed() { return closed_.addBranch(); }

  // For what is built on top of a channel (SFTP): valid as long as the Channel.
  LIBSSH2_CHANNEL* raw() { return handle_->raw; }
  Session& session() { return *session_; }

 private:
  // libssh2's channel, for operations that may outlive the Channel: null once it is being freed.
  struct Handle : kj::Refcounted {
    explicit Handle(LIBSSH2_CHANNEL* raw) : raw(raw) {}
    LIBSSH2_CHANNEL* raw;
  };

  // Runs `call(LIBSSH2_CHANNEL*)` as an operation of the session.
  template <typename Func>
  Task<ssize_t> run(Func call, bool* sent = nullptr) {
    return session_->run(
        [handle = kj::addRef(*handle_), call = kj::mv(call)]() mutable -> ssize_t {
          if (handle->raw == nullptr) return LIBSSH2_ERROR_CHANNEL_CLOSED;
          return call(handle->raw);
        },
        Session::WhenDropped::FORGET, sent);
  }
  template <typename Func>
  Task<Expected<void>> request(Func call, const char* what);
  template <typename Func>
  Task<Expected<void>> tell(Func call, const char* what);
  Error lost(const char* doing);
  ExitStatus exitStatus();

  kj::Own<Session> session_;
  kj::Own<Handle> handle_;
  kj::Own<kj::PromiseFulfiller<void>> closedFulfiller_;
  kj::ForkedPromise<void> closed_;
  // Shared with the operation that fills it, which may outlive the reader.
  struct Buffer : kj::Refcounted {
    Buffer() {}  // NOLINT: without it all of `bytes` would be set to zero, and take memory that most commands never use
    kj::byte bytes[kChunk];
    bool isStderr = false;
  };
  kj::Own<Buffer> buffer_;  // made by the first read
};

}  // namespace cbs::ssh
