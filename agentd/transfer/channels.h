// How a transfer gets channels on its host.
#pragma once

#include "agentd/ssh/channel.h"
#include "common/error.h"
#include "common/task.h"

#include <kj/memory.h>

namespace cbs::transfer {

class Channels {
 public:
  // A channel that is lent; dropping it gives it back.
  class Held {
   public:
    virtual ~Held() noexcept(false) = default;
    virtual ssh::Channel& channel() = 0;
  };

  virtual ~Channels() noexcept(false) = default;

  // A channel on a connection that no command waits on, as it carries much. Fails as pool::Pool::borrow.
  virtual Task<Expected<kj::Own<Held>>> bulk() = 0;
  // A channel for a short command.
  virtual Task<Expected<kj::Own<Held>>> command() = 0;
};

}  // namespace cbs::transfer
