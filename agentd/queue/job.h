// A job as the journal keeps it.
#pragma once

#include "schema/agent.capnp.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace cbs::queue {

// A job that another one is to run after.
struct Dependency {
  std::string job;
  bool mustSucceed = true;
  bool operator==(const Dependency&) const = default;
};

// Times are milliseconds since 1970; 0: not yet, or never.
struct Job {
  std::string id;
  uint32_t user = 0;
  std::string caller;  // who takes turns with whom
  std::string name;
  std::vector<std::pair<std::string, std::string>> labels;
  std::string target;
  std::string host;     // what makes two hosts the same one, for turns and limits
  std::string command;  // for people
  schema::Priority priority = schema::Priority::NORMAL;
  bool idempotent = false;
  bool cancelled = false;  // while it ran: it is not to run again
  uint32_t retries = 0;
  std::vector<Dependency> after;
  std::string idempotencyKey;
  uint64_t submittedMs = 0;
  uint64_t deadlineMs = 0;
  uint64_t notBeforeMs = 0;
  uint64_t startedMs = 0;
  uint64_t endedMs = 0;
  schema::JobState state = schema::JobState::QUEUED;  // in the journal never WAITING
  uint32_t attempts = 0;                              // begun
  uint64_t logBytes = 0;
  uint64_t logDroppedBytes = 0;
  std::string outcome;  // an encoded schema::Outcome; "" until it has ended

  bool operator==(const Job&) const = default;
};

}  // namespace cbs::queue
