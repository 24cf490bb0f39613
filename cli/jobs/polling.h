// How long the daemon is asked to wait for something new.
#pragma once

#include <kj/time.h>

#include <cstdint>

namespace cbs::cli {

constexpr uint64_t kPollMs = 60'000;  // the longest that it does, see schema/agent.capnp

// An answer that is later is none.
inline kj::Duration answerTime(uint64_t waitMs) { return waitMs * kj::MILLISECONDS + 10 * kj::SECONDS; }

}  // namespace cbs::cli
