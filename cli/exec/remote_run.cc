#include "cli/exec/remote_run.h"

#include "cli/call_failure.h"
#include "cli/exec/output_receiver.h"
#include "cli/output/explain_error.h"
#include "cli/output/print.h"
#include "common/signals.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>

namespace cbs::cli {
namespace {

constexpr size_t kChunkBytes = 64 << 10;
constexpr kj::byte kControlC = 3;

// The fate of a command that the daemon had and does not tell about.
Error lost(std::string why) { return {ErrorKind::LOST, Reason::CONNECTION_LOST, std::move(why)}; }

}  // namespace

Task<ExecEnd> RemoteRun::run(Request request) {
  auto told = kj::newPromiseAndFulfiller<ExecEnd>();
  auto taken = kj::newPromiseAndFulfiller<void>();
  request.setOutput(
      kj::heap<OutputReceiver>(ends_.output, anyOutput_, kj::mv(told.fulfiller), kj::mv(taken.fulfiller)));
  auto call = request.send();
  schema::Command::Client command = call.getCommand();
  auto input = forwardInput(command);
  auto terminal = followTerminal(command);
  auto late = takeTerminal(kj::mv(taken.promise), command);
  auto end = told.promise.catch_([this](kj::Exception&&) { return dropped().promise(); })
                 .exclusiveJoin(leaveOnSignal(command))
                 .exclusiveJoin(watchConnection(call.ignoreResult()));
  co_return co_await end;
}

// Nothing is read before the daemon has the host and a place for the command: what a command that never began would
// have read is left to whoever reads next.
Task<void> RemoteRun::forwardInput(schema::Command::Client command) {
  if (ends_.input == nullptr) co_return;
  schema::ByteSink::Client sink = nullptr;
  try {
    sink = (co_await command.stdinRequest().send()).getSink();
  } catch (const kj::Exception&) {
    co_return;
  }
  auto buffer = kj::heapArray<kj::byte>(kChunkBytes);
  for (;;) {
    auto length = co_await ends_.input->read(buffer);
    if (!length) printError(sentence(length.error(), ""));
    if (length.value_or(0) == 0) break;
    auto bytes = buffer.slice(0, *length);
    noticeInterrupt(bytes);
    auto chunk = sink.writeRequest(capnp::MessageSize{*length / sizeof(capnp::word) + 16, 0});
    chunk.setBytes(bytes);
    co_await chunk.send();
  }
  co_await sink.endRequest().send().ignoreResult();
}

// In raw mode Ctrl-C is a key like any other, also while the host is still being connected to. Until the remote side
// has shown itself by some output (its echo is enough), it counts as the signal that it would be otherwise.
void RemoteRun::noticeInterrupt(kj::ArrayPtr<const kj::byte> typed) {
  if (ends_.terminal == nullptr || anyOutput_) return;
  if (std::find(typed.begin(), typed.end(), kControlC) != typed.end()) kill(getpid(), SIGINT);
}

Task<void> RemoteRun::followTerminal(schema::Command::Client command) {
  while (ends_.terminalEvents != nullptr) {
    if (co_await ends_.terminalEvents->next() == SIGTSTP) stopProcess();
    auto request = command.resizeRequest();
    auto size = terminalSize();
    request.setColumns(size.columns);
    request.setRows(size.rows);
    co_await request.send().ignoreResult();
  }
}

// The promise fails if it is never asked for.
Task<void> RemoteRun::takeTerminal(kj::Promise<void> taken, schema::Command::Client command) {
  try {
    co_await taken;
  } catch (const kj::Exception&) {
    co_return;
  }
  bool forwarding = ends_.input != nullptr;
  ends_.takeTerminal(ends_);
  auto following = followTerminal(command);
  if (!forwarding) co_await forwardInput(command);
  co_await following;
}

void RemoteRun::stopProcess() {
  if (ends_.terminal != nullptr) ends_.terminal->suspend();
  kill(getpid(), SIGSTOP);
  if (ends_.terminal != nullptr) ends_.terminal->resume();
}

Task<ExecEnd> RemoteRun::leaveOnSignal(schema::Command::Client command) {
  int first = co_await ends_.interrupts.next();
  if (ends_.leaveAtSignal) co_return ExecEnd::left(first);
  auto request = command.signalRequest();
  request.setName(std::string(signalName(first)).c_str());
  auto sent = request.send();
  co_return ExecEnd::left(co_await ends_.interrupts.next());
}

// A receiver that is let go before its end is one sign of a connection that has ended, and watchConnection knows better
// why: it goes first.
Task<ExecEnd> RemoteRun::dropped() {
  auto greeting = co_await client_.greeting();
  co_await kj::evalLast([]() {});
  co_return ExecEnd::failed(greeting ? lost("the daemon has dropped the command") : greeting.error());
}

// A daemon that will not have us, or does not even answer the hello, ends the run; so does one that ends, or does not
// know the call or let us make it.
Task<ExecEnd> RemoteRun::watchConnection(kj::Promise<void> accepted) {
  auto greeting = co_await client_.greeting();
  if (!greeting) co_return ExecEnd::failed(greeting.error());
  std::string why;
  try {
    co_await accepted;
    co_await client_.onDisconnect();
  } catch (const kj::Exception& exception) {
    auto error = callFailure(greeting, exception);
    if (error.kind == ErrorKind::AGENT_UNREACHABLE && error.reason != Reason::UNSPECIFIED) {
      co_return ExecEnd::failed(kj::mv(error));  // it has not taken the command
    }
    if (exception.getType() != kj::Exception::Type::DISCONNECTED) why = exception.getDescription().cStr();
  }
  co_return ExecEnd::failed(lost(why.empty() ? "the daemon has ended" : why));
}

}  // namespace cbs::cli
