// Calls::exec: a command, its streams and its end.
#include "common/client/calls.h"
#include "common/client/output_keeper.h"
#include "common/client/request.h"

namespace cbs::client {
namespace {

constexpr size_t kChunkBytes = 64 << 10;

Error lost(std::string why) { return {ErrorKind::LOST, Reason::CONNECTION_LOST, std::move(why)}; }

// What becomes of the input, a command's outcome tells.
Task<void> feed(schema::Command::Client command, std::string_view input) {
  try {
    auto sink = command.stdinRequest().send().getSink();
    for (size_t at = 0; at < input.size(); at += kChunkBytes) {
      auto bytes = input.substr(at, kChunkBytes);
      auto chunk = sink.writeRequest(capnp::MessageSize{bytes.size() / sizeof(capnp::word) + 16, 0});
      chunk.setBytes(kj::arrayPtr(reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()));
      co_await chunk.send();
    }
    co_await sink.endRequest().send().ignoreResult();
  } catch (const kj::Exception&) {
  }
}

// Why no outcome will come: the daemon does not know the call or let us make it, or has ended.
Task<Expected<void>> broken(ConnectionRef connection, kj::Promise<void> accepted) {
  std::string why = "the daemon has ended";
  try {
    co_await accepted;
    co_await connection->onDisconnect();
  } catch (const kj::Exception& exception) {
    Error error = unanswered(exception);
    if (error.reason == Reason::VERSION_MISMATCH || error.reason == Reason::PEER_REFUSED)
      co_return fail(std::move(error));
    why = std::move(error.detail);
  }
  co_return fail(lost(std::move(why)));
}

// A sink that is let go without an outcome is one sign of a call that has failed, and `broken` knows better why: it
// goes first.
kj::Promise<Expected<void>> dropped() {
  return kj::evalLast([]() -> Expected<void> { return fail(lost("the daemon has dropped the command")); });
}

}  // namespace

Task<Expected<cbsession::Result>> Calls::exec(cbsession::Command command, cbsession::ExecOptions options) {
  auto connection = co_await link_.get();
  if (!connection) co_return fail(std::move(connection.error()));
  auto request = (*connection)->agent().execRequest();
  describe(command, settings_.surroundings, request.initRequest());
  request.getRequest().getSpec().setForwardStdin(options.input.has_value());
  if (auto fits = checkSize(request.totalSize()); !fits) co_return fail(std::move(fits.error()));

  auto output = std::make_shared<Output>(std::move(options));
  auto told = kj::newPromiseAndFulfiller<Expected<void>>();
  request.setOutput(kj::heap<OutputKeeper>(output, kj::mv(told.fulfiller)));
  auto call = request.send();
  schema::Command::Client running = call.getCommand();
  auto feeding =
      output->options.input ? feed(running, *output->options.input).promise() : kj::Promise<void>(kj::READY_NOW);
  auto end = told.promise.catch_([](kj::Exception&&) { return dropped(); })
                 .exclusiveJoin(broken(*connection, call.ignoreResult()).promise());
  co_return output->finish(co_await end);
}

}  // namespace cbs::client
