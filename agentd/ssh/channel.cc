#include "agentd/ssh/channel.h"

#include <kj/debug.h>

namespace cbs::ssh {
namespace {

const char* text(const std::string& string) { return string.data(); }
unsigned size(const std::string& string) { return static_cast<unsigned>(string.size()); }

struct ProgramWords {
  std::string request;  // RFC 4254 §6.5
  std::string whatIsRefused;
};
const ProgramWords& wordsOf(Channel::Program program) {
  static const ProgramWords kExec{"exec", "to run a command"};
  static const ProgramWords kShell{"shell", "to start a shell"};
  static const ProgramWords kSubsystem{"subsystem", "the subsystem request"};
  return program == Channel::Program::EXEC ? kExec : program == Channel::Program::SHELL ? kShell : kSubsystem;
}

}  // namespace

Channel::Channel(kj::Own<Session> session, LIBSSH2_CHANNEL* channel)
    : session_(kj::mv(session)), handle_(kj::refcounted<Handle>(channel)), closed_(nullptr) {
  auto pair = kj::newPromiseAndFulfiller<void>();
  closedFulfiller_ = kj::mv(pair.fulfiller);
  closed_ = pair.promise.fork();
}

Channel::~Channel() noexcept(false) {
  // The session closes the channel by itself, once no operation has a packet of it half-sent.
  auto free = [raw = handle_->raw, handle = kj::addRef(*handle_)]() mutable {
    handle->raw = nullptr;
    return libssh2_channel_free(raw);
  };
  session_->finish(kj::mv(free), kj::mv(closedFulfiller_));
}

Error Channel::lost(const char* doing) {
  if (session_->dead()) {
    return {ErrorKind::LOST, Reason::CONNECTION_LOST, session_->deathReason()};
  }
  return {ErrorKind::LOST, Reason::CONNECTION_LOST, std::string(doing) + ": " + session_->lastMessage()};
}

// A request that the server answers with yes or no.
template <typename Func>
Task<Expected<void>> Channel::request(Func call, const char* what) {
  ssize_t code = co_await run(kj::mv(call));
  if (code == 0) co_return {};
  if (session_->dead()) co_return fail(lost(what));
  co_return fail(ErrorKind::COMMAND_REFUSED, Reason::UNSPECIFIED,
                 std::string("the server refused the ") + what + " request");
}

// A message without an answer. On a channel that is closing it goes nowhere, which is no error.
template <typename Func>
Task<Expected<void>> Channel::tell(Func call, const char* what) {
  co_await run(kj::mv(call));
  if (session_->dead()) co_return fail(lost(what));
  co_return {};
}

Task<Expected<void>> Channel::requestTerminal(Terminal terminal) {
  return request(
      [terminal = std::move(terminal)](LIBSSH2_CHANNEL* channel) {
        return libssh2_channel_request_pty_ex(channel, text(terminal.type), size(terminal.type), text(terminal.modes),
                                              size(terminal.modes), static_cast<int>(terminal.columns),
                                              static_cast<int>(terminal.rows), 0, 0);
      },
      "pty-req");
}

Task<Expected<void>> Channel::setEnvironment(std::string name, std::string value) {
#ifdef LIBSSH2_HAS_CHANNEL_SETENV_SEND
  auto set = libssh2_channel_setenv_send;
#else
  auto set = libssh2_channel_setenv_ex;  // which waits for a reply
#endif
  return tell([set, name = std::move(name), value = std::move(value)](
                  LIBSSH2_CHANNEL* channel) { return set(channel, text(name), size(name), text(value), size(value)); },
              "env");
}

Task<Expected<void>> Channel::start(Program program, std::string words, bool* sent) {
  const auto& [request, whatIsRefused] = wordsOf(program);
  auto ask = [request = request, words = std::move(words)](LIBSSH2_CHANNEL* channel) {
    return libssh2_channel_process_startup(channel, text(request), size(request), words.empty() ? nullptr : text(words),
                                           size(words));
  };
  ssize_t code = co_await run(kj::mv(ask), sent);
  if (code == 0) co_return {};
  if (session_->dead()) co_return fail(lost(request.c_str()));
  co_return fail(ErrorKind::COMMAND_REFUSED, Reason::UNSPECIFIED, "the server refused " + whatIsRefused);
}

Task<Expected<std::optional<Channel::Chunk>>> Channel::read() {
  if (buffer_.get() == nullptr) buffer_ = kj::refcounted<Buffer>();
  auto readEither = [buffer = kj::addRef(*buffer_)](LIBSSH2_CHANNEL* channel) mutable -> ssize_t {
    auto readStream = [&](bool isStderr) {
      buffer->isStderr = isStderr;
      int stream = isStderr ? SSH_EXTENDED_DATA_STDERR : 0;
      return libssh2_channel_read_ex(channel, stream, reinterpret_cast<char*>(buffer->bytes), kChunk);
    };
    ssize_t n = readStream(false);
    if (n > 0 || (n < 0 && n != LIBSSH2_ERROR_EAGAIN)) return n;
    bool outHasEnded = n == 0;
    n = readStream(true);
    // The second read takes packets from the socket as well: an end that it finds may follow output that came just now.
    return n == 0 && !outHasEnded ? readStream(false) : n;
  };
  ssize_t n = co_await run(kj::mv(readEither));
  if (n < 0) co_return fail(lost("read"));
  if (n == 0) co_return std::optional<Chunk>();
  co_return Chunk{buffer_->isStderr, kj::arrayPtr(buffer_->bytes, static_cast<size_t>(n))};
}

Task<Expected<void>> Channel::write(kj::Array<kj::byte> bytes) {
  return tell(
      [session = session_->raw(), bytes = kj::mv(bytes),
       done = size_t(0)](LIBSSH2_CHANNEL* channel) mutable -> ssize_t {
        while (done < bytes.size()) {
          // A command that no longer reads gets no more; but a packet that is half sent must be sent whole.
          bool halfSent = (libssh2_session_block_directions(session) & LIBSSH2_SESSION_BLOCK_OUTBOUND) != 0;
          if (!halfSent && libssh2_channel_eof(channel) != 0) return 0;
          auto* rest = reinterpret_cast<const char*>(bytes.begin()) + done;
          ssize_t n = libssh2_channel_write_ex(channel, 0, rest, bytes.size() - done);
          if (n < 0) return n;
          done += static_cast<size_t>(n);
        }
        return 0;
      },
      "write");
}

Task<Expected<void>> Channel::sendEof() {
  return tell([](LIBSSH2_CHANNEL* channel) { return libssh2_channel_send_eof(channel); }, "eof");
}

Task<Expected<void>> Channel::signal(std::string name) {
  return tell([name = std::move(name)](
                  LIBSSH2_CHANNEL* channel) { return libssh2_channel_signal_ex(channel, text(name), name.size()); },
              "signal");
}

Task<Expected<void>> Channel::resize(unsigned columns, unsigned rows) {
  return tell(
      [columns, rows](LIBSSH2_CHANNEL* channel) {
        return libssh2_channel_request_pty_size_ex(channel, static_cast<int>(columns), static_cast<int>(rows), 0, 0);
      },
      "window-change");
}

Task<Expected<ExitStatus>> Channel::awaitExit() {
  ssize_t code = co_await run([](LIBSSH2_CHANNEL* channel) { return libssh2_channel_wait_closed(channel); });
  if (code < 0) co_return fail(lost("close"));
  co_return exitStatus();
}

ExitStatus Channel::exitStatus() {
  char* name = nullptr;
  size_t length = 0;
  libssh2_channel_get_exit_signal(raw(), &name, &length, nullptr, nullptr, nullptr, nullptr);
  if (name != nullptr) {
    ExitStatus status{ExitStatus::Kind::SIGNALLED, 0, std::string(name, length)};
    libssh2_free(session_->raw(), name);
    return status;
  }
#ifdef LIBSSH2_HAS_CHANNEL_HAS_EXIT_STATUS
  if (libssh2_channel_has_exit_status(raw()) == 0) return {};
#endif
  return {ExitStatus::Kind::EXITED, libssh2_channel_get_exit_status(raw())};
}

}  // namespace cbs::ssh
