#include "agentd/engine/outcome.h"

namespace cbs::engine {

void encode(const Times& times, schema::PhaseTimes::Builder to) {
  to.setPoolUs(times.poolUs);
  to.setResolveUs(times.dial.resolveUs);
  to.setWaitUs(times.dial.waitUs);
  to.setConnectUs(times.dial.connectUs);
  to.setHandshakeUs(times.dial.handshakeUs);
  to.setAuthenticateUs(times.dial.authenticateUs);
  to.setOpenUs(times.openUs);
  to.setRunUs(times.runUs);
}

void encode(const Outcome& outcome, schema::Outcome::Builder to) {
  auto state = to.getState();
  switch (outcome.state) {
    case Outcome::State::NOT_SENT:
      state.setNotSent();
      break;
    case Outcome::State::EXITED:
      state.setExited(outcome.exitCode);
      break;
    case Outcome::State::SIGNALLED:
      state.initSignalled().setName(outcome.signal.c_str());
      break;
    case Outcome::State::UNKNOWN:
      state.setUnknown();
      break;
  }
  if (outcome.error) cbs::encode(*outcome.error, to.initError());
  encode(outcome.times, to.initTimes());
  to.setReusedConnection(outcome.reusedConnection);
  to.setAttempts(outcome.attempts);
  to.setStdoutBytes(outcome.stdoutBytes);
  to.setStderrBytes(outcome.stderrBytes);
  auto ignored = to.initIgnored(static_cast<unsigned>(outcome.ignored.size()));
  for (unsigned i = 0; i < ignored.size(); ++i) ignored.set(i, outcome.ignored[i].c_str());
}

}  // namespace cbs::engine
