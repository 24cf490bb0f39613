// SFTP sessions to one host, over which a transfer spreads its requests.
//
// One session moves at most a channel's window (2 MiB) each round trip: on a long way several are needed, near by one
// is the fastest. So the number follows the round trip at first, and then what helps (core/stream_growth). The sessions
// are on connections that carry no commands.
#pragma once

#include "agentd/core/stream_growth.h"
#include "agentd/ssh/sftp.h"
#include "agentd/transfer/channels.h"
#include "agentd/transfer/giving_way.h"
#include "common/loop.h"

#include <kj/memory.h>

#include <deque>
#include <vector>

namespace cbs::transfer {

class Streams final : private kj::TaskSet::ErrorHandler {
 public:
  class Stream;

  // A stream's promise to carry some bytes, which ends with the object. The streams outlive it.
  class Place {
   public:
    Place(Streams& streams, Stream& stream, size_t bytes);
    Place(Place&& other) noexcept;
    Place& operator=(Place&&) = delete;
    ~Place() noexcept(false);
    ssh::Sftp& sftp() const;
    // Which stream: 0 is the first. A handle of SFTP is of use on the stream that opened it only.
    size_t index() const;
    // To be called when the bytes have gone over: they count for the growth.
    void done(size_t bytes);
    // Another place on the same stream, for no bytes: for who has handles there.
    Place hold() const { return Place(*streams_, *stream_, 0); }

   private:
    Streams* streams_;
    Stream* stream_;
    size_t bytes_;
  };

  // `fixed`: how many streams there are to be, at most kMostFixed; 0: as many as help, at most kMost.
  // Of which OpenSSH's default allows ten on a connection.
  static constexpr unsigned kMost = 16;
  static constexpr unsigned kMostFixed = 64;
  // Bytes under way on one stream, where the way is long: twice its window, so that it is never empty. Else a command
  // that has to do with the same server would wait for all of it. More are let through one at a time.
  static constexpr size_t kMostUnderWay = size_t{4} * 1024 * 1024;
  static constexpr size_t kMostUnderWayNear = size_t{1} * 1024 * 1024;
  Streams(Loop loop, Channels& channels, unsigned fixed);
  ~Streams() noexcept(false);
  KJ_DISALLOW_COPY(Streams);

  // Starts the first stream. Fails with the connection's error, or transferFailed/sftpUnavailable. To be called once,
  // and to have succeeded before anything else is.
  Task<Expected<void>> start();
  // The first stream's: for listings and whatever else goes in order.
  ssh::Sftp& first();
  // From now on, what goes over these streams waits for commands. To outlive the streams.
  void giveWayTo(GivingWay& commands) { commands_ = &commands; }
  // So many bytes are going to be moved: more streams are started at once if that helps.
  void expect(uint64_t bytes);
  // Waits for a stream with room for so many bytes to be under way on it, and starts more streams if that helps. Fails
  // when all streams are broken. Waiters are served in order.
  Task<Expected<Place>> place(size_t bytes);

  unsigned count() const;  // now
  unsigned most() const;   // at once, so far

 private:
  struct Waiter {
    size_t bytes;
    kj::Own<kj::PromiseFulfiller<Expected<Place>>> fulfiller;  // a place that nobody takes any more ends itself
  };

  Task<Expected<kj::Own<Stream>>> open();
  void add(kj::Own<Stream> stream);
  Task<void> measureRoundTrip();
  void roundTripIs(kj::Duration time);
  void grow();
  Task<void> openAnother();
  unsigned working() const;
  Stream* pick(size_t bytes);
  Expected<Place> failure() const;
  void serve();
  void moved(size_t bytes);
  void taskFailed(kj::Exception&& exception) override;

  Loop loop_;
  Channels& channels_;
  GivingWay* commands_ = nullptr;
  core::StreamGrowth growth_;
  std::vector<kj::Own<Stream>> streams_;  // in the order in which they came; none goes before all do
  std::deque<Waiter> waiting_;
  size_t mostUnderWay_ = kMostUnderWayNear;
  unsigned opening_ = 0;
  unsigned most_ = 0;
  kj::TaskSet tasks_;
};

}  // namespace cbs::transfer
