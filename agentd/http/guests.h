// Who is connected over HTTP.
#pragma once

#include "agentd/http/guest.h"

#include <list>

namespace cbs::http {

// Serves each connection until it is over. There are at most 64: for another one, the one that has been there longest
// of those that are not being answered has to go, so that whoever connects and says nothing keeps nobody out.
class Guests : private kj::TaskSet::ErrorHandler {
 public:
  static constexpr size_t kMost = 64;

  // `house` outlives it.
  explicit Guests(House& house) : house_(house), connections_(*this) {}

  size_t count() const { return guests_.size(); }

  // Resolves when there is room for another one. One may wait at a time.
  kj::Promise<void> whenRoom();
  void welcome(kj::Own<kj::AsyncIoStream> stream);

 private:
  Task<void> serve(kj::Own<kj::AsyncIoStream> stream);
  void leave(std::list<Guest>::iterator guest);
  void taskFailed(kj::Exception&& exception) override;

  House& house_;
  std::list<Guest> guests_;  // the oldest first
  kj::Maybe<kj::Own<kj::PromiseFulfiller<void>>> waitsForRoom_;
  kj::TaskSet connections_;
};

}  // namespace cbs::http
