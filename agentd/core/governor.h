// How many logins may be under way at one server: additive increase, multiplicative decrease, as TCP has it.
//
// A server that gets more than it likes drops some of them (sshd's MaxStartups, 10:30:100 by default: from ten on it
// drops three in ten, at random). The window never goes beyond a ceiling below that, and a drop says that others log in
// there, too, or that the server likes fewer.
#pragma once

#include <kj/time.h>

namespace cbs::core {

class Governor {
 public:
  explicit Governor(unsigned ceiling) : ceiling_(ceiling), window_(ceiling) {}

  bool mayStart() const { return underWay_ < window(); }
  unsigned underWay() const { return underWay_; }
  // At least 1.
  unsigned window() const { return static_cast<unsigned>(window_); }
  // As new: there is nothing to remember.
  bool pristine() const { return underWay_ == 0 && window_ >= ceiling_; }

  void setCeiling(unsigned ceiling);

  // A login begins; ended() follows in any case, before it succeeded() or dropped() if it is known to have.
  void started() { ++underWay_; }
  void ended() { --underWay_; }

  void succeeded();
  // A login that was begun at `startedAt` was dropped. Those that were under way together count once.
  void dropped(kj::TimePoint startedAt, kj::TimePoint now);

 private:
  double ceiling_;
  double window_;
  unsigned underWay_ = 0;
  kj::TimePoint narrowedAt_ = kj::origin<kj::TimePoint>();
};

}  // namespace cbs::core
