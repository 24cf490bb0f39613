#include "common/client/link.h"

#include "common/local_socket.h"
#include "common/version.h"

#include <poll.h>

namespace cbs::client {

Connection::Connection(Loop loop, kj::AutoCloseFd socket)
    : socket_(socket.get()),
      client_(loop, kj::mv(socket), kVersion),
      watch_(client_.onDisconnect()
                 .then([this]() { broken_ = true; }, [this](kj::Exception&&) { broken_ = true; })
                 .eagerlyEvaluate(nullptr)) {}

bool Connection::over() const {
  pollfd state{socket_, POLLRDHUP, 0};
  return broken_ || poll(&state, 1, 0) != 0;
}

kj::Promise<Expected<ConnectionRef>> Link::get() {
  if (current_ != nullptr && !current_->over()) return Expected<ConnectionRef>(current_);
  if (!connecting_) attempt_ = attempt().promise().fork();
  return attempt_.addBranch();
}

Task<Expected<ConnectionRef>> Link::attempt() {
  connecting_ = true;
  current_ = nullptr;
  auto connection = co_await connect();
  if (connection) current_ = *connection;
  connecting_ = false;
  co_return connection;
}

Task<Expected<ConnectionRef>> Link::connect() {
  auto socket = connectLocal(socketPath_);
  if (!socket) co_return fail(std::move(socket.error()));
  auto connection = std::make_shared<Connection>(loop_, kj::mv(*socket));
  auto greeting = co_await connection->greeting();
  if (!greeting) co_return fail(std::move(greeting.error()));
  co_return connection;
}

}  // namespace cbs::client
