// How far the making of a connection has come.
#pragma once

#include <cstdint>

namespace cbs::ssh {

// How long each phase took, in microseconds, and which one is under way.
struct DialProgress {
  enum class Phase { RESOLVE, WAIT, CONNECT, HANDSHAKE, AUTHENTICATE, DONE };
  Phase phase = Phase::RESOLVE;
  uint64_t resolveUs = 0;
  uint64_t waitUs = 0;  // for the gate's permission
  uint64_t connectUs = 0;
  uint64_t handshakeUs = 0;
  uint64_t authenticateUs = 0;
};

}  // namespace cbs::ssh
