// The way of everything that callers ask for: it waits, the engine does it, the caller is told what became of it.
#pragma once

#include "agentd/rpc/admission.h"

namespace cbs::rpc {

class Errand {
 public:
  // Gives it to the engine, from which the caller will hear. Resolves when the caller has been told; fails when the
  // engine does not tell.
  virtual kj::Promise<void> handOver(const Admission& admission) = 0;

  // Tells the caller, instead of the engine, why it has come to nothing.
  virtual kj::Promise<void> end(const Error& why) = 0;

 protected:
  ~Errand() = default;
};

// Runs an errand, which outlives it, to its end. It holds its lane until the caller has been told.
Task<void> runErrand(Services& services, Applicant applicant, Errand& errand);

// Ends an errand that still waits.
Task<void> endErrand(Services& services, Error why, Errand& errand);

}  // namespace cbs::rpc
