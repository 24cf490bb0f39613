// What became of a command, in the form the engine works with.
#pragma once

#include "agentd/ssh/connection.h"
#include "common/error.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cbs::engine {

struct Times {
  uint64_t poolUs = 0;  // waited for a connection, its phases included
  ssh::DialProgress dial;
  uint64_t openUs = 0;
  uint64_t runUs = 0;
};

struct Outcome {
  enum class State { NOT_SENT, EXITED, SIGNALLED, UNKNOWN };
  State state = State::NOT_SENT;
  int exitCode = 0;
  std::string signal;          // without SIG
  std::optional<Error> error;  // why it was not sent, cut short or lost
  Times times;
  bool reusedConnection = false;
  unsigned attempts = 0;
  uint64_t stdoutBytes = 0;
  uint64_t stderrBytes = 0;
  std::vector<std::string> ignored = {};  // as in the schema
};

void encode(const Times& times, schema::PhaseTimes::Builder to);
void encode(const Outcome& outcome, schema::Outcome::Builder to);

}  // namespace cbs::engine
