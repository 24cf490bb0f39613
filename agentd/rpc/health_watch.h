// Judges the daemon's health now and then, so that it is known since when something is not in order.
#pragma once

#include "agentd/rpc/services.h"
#include "common/task.h"

namespace cbs::rpc {

class HealthWatch {
 public:
  // `services` outlive it.
  explicit HealthWatch(Services& services, kj::Duration interval = 5 * kj::SECONDS);
  KJ_DISALLOW_COPY(HealthWatch);

 private:
  Task<void> judgeNowAndThen();
  Task<void> judgeOnce();
  Task<void> measureNowAndThen();

  Services& services_;
  const kj::Duration interval_;
  Task<void> measuring_;  // apart, as a disk may not answer for long
  Task<void> judging_;
};

}  // namespace cbs::rpc
