// The event loop's parts that code which waits needs. main makes them (kj::setupAsyncIo); tests make their own.
#pragma once

#include <kj/async-io.h>
#include <kj/async-unix.h>
#include <kj/timer.h>

namespace cbs {

// Refers to parts that outlive every user of the loop.
struct Loop {
  kj::UnixEventPort& port;          // readiness of descriptors, signals
  kj::Timer& timer;                 // deadlines
  kj::LowLevelAsyncIoProvider& io;  // streams over descriptors
};

}  // namespace cbs
