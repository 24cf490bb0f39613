// Shows what happens on many hosts, in one of the formats.
#pragma once

#include "cli/fanout/host_end.h"
#include "common/task.h"

#include <kj/array.h>
#include <kj/time.h>

#include <string>
#include <vector>

namespace cbs::cli {

// Everything that is known in the end. `ends` has as many as `targets`; one whose `exitCode` is not known is skipped.
struct FanOutResults {
  const std::vector<std::string>& targets;
  const std::vector<HostEnd>& ends;
  int exitCode;           // of the whole
  kj::Duration duration;  // from the request to the last end
};

// Of each host it hears as schema::FanOutEvent has it. It fails when what is shown cannot be written, or kept: then the
// work is cancelled. Calls come one at a time, each when the one before has been resolved. Hosts are by their place
// among the targets, which it was made with.
class Presenter {
 public:
  virtual ~Presenter() noexcept(false) = default;

  virtual Task<Expected<void>> started(uint32_t host) = 0;
  virtual Task<Expected<void>> output(uint32_t host, schema::OutputStream stream,
                                      kj::ArrayPtr<const kj::byte> bytes) = 0;
  virtual Task<Expected<void>> ended(uint32_t host, const HostEnd& end) = 0;
  // The last call, also after a signal has ended it all. Shows what it has kept.
  virtual Task<Expected<void>> finish(const FanOutResults& results) = 0;
};

}  // namespace cbs::cli
