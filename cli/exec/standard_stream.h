// The process's standard input, output and error on the event loop.
#pragma once

#include "common/error.h"
#include "common/task.h"

#include <kj/async-unix.h>
#include <kj/io.h>

namespace cbs::cli {

// Reads or writes a descriptor whose open file description is shared with other programs (a shell, the rest of a
// pipeline), neither blocking the event loop nor setting O_NONBLOCK, which they would all get.
//
// Pipes and terminals are opened anew through /proc, which makes a description of our own; sockets have a flag for each
// call; where both fail, poll() is asked before each small step. Regular files and devices are used as they are.
class StandardStream {
 public:
  enum class Direction { in, out };
  StandardStream(kj::UnixEventPort& port, int fd, Direction direction);

  // Reads what is there, at least a byte. 0: end of file. Fails with transferFailed/localIo.
  Task<Expected<size_t>> read(kj::ArrayPtr<kj::byte> buffer);

  // Between these nothing is read: what is typed is for somebody else.
  void hold();
  void release();

  // Writes everything. Fails with cancelled/callerGone if nobody reads any more (EPIPE), else with
  // transferFailed/localIo.
  Task<Expected<void>> write(kj::ArrayPtr<const kj::byte> bytes);

 private:
  enum class Access { plain, ownDescription, socket, afterPoll };
  void choose(Direction direction);
  bool reopen(Direction direction);
  bool isReady(short event) const;
  ssize_t readNow(kj::ArrayPtr<kj::byte> buffer);
  ssize_t writeNow(kj::ArrayPtr<const kj::byte> bytes);
  Error failure(int error) const;

  int fd_;  // ours if `own_` holds it
  kj::AutoCloseFd own_;
  Access access_ = Access::plain;
  kj::Maybe<kj::UnixEventPort::FdObserver> observer_;
  kj::Own<kj::PromiseFulfiller<void>> release_;  // while it is held
  kj::Maybe<kj::ForkedPromise<void>> released_;
};

}  // namespace cbs::cli
