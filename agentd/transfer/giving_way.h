// Lets commands go before transfers.
//
// A transfer near by takes all the processor time that there is, on this machine and on its host: a command that wants
// two milliseconds of it would wait for several turns of the others. So transfers begin nothing new while a command is
// young; what takes longer than that is not in a hurry. They get a third of the time in any case.
#pragma once

#include "common/task.h"

#include <kj/refcount.h>
#include <kj/timer.h>

namespace cbs::transfer {

class GivingWay {
 public:
  // So long a command is young: several times what `true` takes near by.
  static constexpr kj::Duration kYoung = 15 * kj::MILLISECONDS;

  explicit GivingWay(kj::Timer& timer) : timer_(timer), heldSince_(timer.now()), free_(timer.now()) {}
  KJ_DISALLOW_COPY(GivingWay);

  // A command, from its beginning to the end of the object, which the other outlives.
  class Command {
   public:
    explicit Command(GivingWay& way) : way_(way) { way.begin(); }
    ~Command() noexcept(false) { way_.end(); }
    KJ_DISALLOW_COPY(Command);

   private:
    GivingWay& way_;
  };

  // Resolves when a transfer may go on, which is at once if no command is young.
  kj::Promise<void> clear();

 private:
  void begin();
  void end();
  void release();

  kj::Timer& timer_;
  unsigned commands_ = 0;
  bool holding_ = false;
  kj::TimePoint heldSince_;
  kj::TimePoint free_;  // no hold begins before this
  kj::Maybe<kj::ForkedPromise<void>> cleared_;
  kj::Own<kj::PromiseFulfiller<void>> clearer_;
};

}  // namespace cbs::transfer
