// What is known of each of many hosts while the work on them goes on.
#pragma once

#include "cli/fanout/host_end.h"

#include <kj/time.h>

#include <cstdint>
#include <string>
#include <vector>

namespace cbs::cli {

// Hosts are by their place among the targets, which outlive it.
class HostBoard {
 public:
  explicit HostBoard(const std::vector<std::string>& targets);

  // Whether there is such a host, which has not ended.
  bool expects(uint32_t host) const { return host < ends_.size() && states_[host].stage != Stage::ended; }
  void started(uint32_t host, kj::TimePoint now);
  // A host ends once.
  const HostEnd& ended(uint32_t host, HostEnd end);

  const std::vector<std::string>& targets() const { return targets_; }
  const std::vector<HostEnd>& ends() const { return ends_; }
  bool hasBegun(uint32_t host) const { return states_[host].stage != Stage::waiting; }

  uint32_t total() const { return static_cast<uint32_t>(ends_.size()); }
  uint32_t done() const { return done_; }
  uint32_t failed() const { return failed_; }
  uint32_t running() const { return running_; }

  // Those that have begun and have not ended, and of them the one that began first: its time is when.
  std::vector<std::string> runningTargets() const;
  struct Oldest {
    uint32_t host;
    kj::TimePoint since;
  };
  kj::Maybe<Oldest> oldest() const;

  // The highest of those that count. `signal` has ended it all (0: none has): those that it kept from beginning are no
  // success.
  int exitCode(int signal) const;

 private:
  enum class Stage : uint8_t { waiting, running, ended };
  struct State {
    Stage stage = Stage::waiting;
    kj::TimePoint since = kj::origin<kj::TimePoint>();
  };

  const std::vector<std::string>& targets_;
  std::vector<State> states_;
  std::vector<HostEnd> ends_;
  uint32_t done_ = 0;
  uint32_t failed_ = 0;
  uint32_t running_ = 0;
};

}  // namespace cbs::cli
