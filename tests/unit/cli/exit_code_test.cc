#include "cli/output/exit_code.h"

#include <capnp/message.h>

#include <catch2/catch_test_macros.hpp>

namespace cbs::cli {
namespace {

struct OutcomeMessage {
  capnp::MallocMessageBuilder message;
  schema::Outcome::Builder outcome = message.initRoot<schema::Outcome>();
  int code(ErrorKind kind = ErrorKind::NONE) {
    outcome.initError().setKind(kind);
    return exitCodeOf(outcome.asReader());
  }
};

TEST_CASE("each kind of failure has the exit code of the manual") {
  CHECK(exitCodeOf(ErrorKind::NONE) == 0);
  CHECK(exitCodeOf(ErrorKind::USAGE) == 2);
  CHECK(exitCodeOf(ErrorKind::AGENT_UNREACHABLE) == 240);
  CHECK(exitCodeOf(ErrorKind::UNREACHABLE) == 241);
  CHECK(exitCodeOf(ErrorKind::AUTH_REFUSED) == 242);
  CHECK(exitCodeOf(ErrorKind::HOST_KEY_REFUSED) == 243);
  CHECK(exitCodeOf(ErrorKind::OVERLOADED) == 244);
  CHECK(exitCodeOf(ErrorKind::COMMAND_REFUSED) == 244);
  CHECK(exitCodeOf(ErrorKind::TIMED_OUT) == 245);
  CHECK(exitCodeOf(ErrorKind::CANCELLED) == 246);
  CHECK(exitCodeOf(ErrorKind::LOST) == 247);
  CHECK(exitCodeOf(ErrorKind::TRANSFER_FAILED) == 248);
  CHECK(exitCodeOf(static_cast<ErrorKind>(999)) == 240);
}

TEST_CASE("what can befall a job has an exit code by its kind") {
  OutcomeMessage m;
  m.outcome.getState().setNotSent();
  CHECK(m.code(ErrorKind::CANCELLED) == 246);  // dependencyFailed
  m.outcome.getState().setUnknown();
  CHECK(m.code(ErrorKind::LOST) == 247);  // daemonDied
}

TEST_CASE("a command's own status passes through") {
  OutcomeMessage m;
  m.outcome.getState().setExited(0);
  CHECK(m.code() == 0);
  m.outcome.getState().setExited(17);
  CHECK(m.code() == 17);
}

TEST_CASE("a signal gives 128 and its number") {
  OutcomeMessage m;
  auto signalled = m.outcome.getState().initSignalled();
  signalled.setName("TERM");
  CHECK(m.code() == 143);
  signalled.setName("KILL");
  CHECK(m.code() == 137);
  signalled.setName("no such signal");
  CHECK(m.code() == 128);
}

TEST_CASE("an error decides over the status it cut short") {
  OutcomeMessage m;
  m.outcome.getState().initSignalled().setName("TERM");
  CHECK(m.code(ErrorKind::TIMED_OUT) == 245);
  CHECK(m.code(ErrorKind::CANCELLED) == 246);
  m.outcome.getState().setNotSent();
  CHECK(m.code(ErrorKind::UNREACHABLE) == 241);
  CHECK(m.code() == 240);
}

TEST_CASE("a command whose fate is unknown is told apart from one that never ran") {
  OutcomeMessage m;
  m.outcome.getState().setUnknown();
  CHECK(m.code() == 247);
  CHECK(m.code(ErrorKind::LOST) == 247);
  CHECK(m.code(ErrorKind::UNREACHABLE) == 247);
  CHECK(m.code(ErrorKind::TIMED_OUT) == 245);
  CHECK(m.code(ErrorKind::CANCELLED) == 246);
}

}  // namespace
}  // namespace cbs::cli
