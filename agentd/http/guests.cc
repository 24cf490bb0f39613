#include "agentd/http/guests.h"

#include "agentd/telemetry/log.h"

#include <algorithm>

namespace cbs::http {

kj::Promise<void> Guests::whenRoom() {
  if (guests_.size() < kMost) return kj::READY_NOW;
  auto idle = std::find_if(guests_.begin(), guests_.end(), [](const Guest& guest) { return !guest.busy(); });
  if (idle != guests_.end()) {
    house_.traffic.turnedAway("room");
    idle->leave();
  }
  house_.crowded = true;
  auto pair = kj::newPromiseAndFulfiller<void>();
  waitsForRoom_ = kj::mv(pair.fulfiller);
  return kj::mv(pair.promise);
}

void Guests::welcome(kj::Own<kj::AsyncIoStream> stream) { connections_.add(serve(kj::mv(stream))); }

Task<void> Guests::serve(kj::Own<kj::AsyncIoStream> stream) {
  auto guest = guests_.emplace(guests_.end(), house_, kj::mv(stream));
  KJ_DEFER(leave(guest));
  house_.traffic.connections(guests_.size());
  co_await guest->serve();
}

void Guests::leave(std::list<Guest>::iterator guest) {
  guests_.erase(guest);
  house_.crowded = false;
  house_.traffic.connections(guests_.size());
  KJ_IF_MAYBE (waiting, waitsForRoom_) {
    (*waiting)->fulfill();
  }
}

// A client's faults are the client's.
void Guests::taskFailed(kj::Exception&& exception) {
  house_.traffic.turnedAway("broken");
  telemetry::log(telemetry::Category::HTTP)
      .debug("a connection has failed", {{"detail", exception.getDescription().cStr()}});
}

}  // namespace cbs::http
