// The options of a command on many hosts that say how it goes from one to the next.
#pragma once

#include "cli/options.h"
#include "schema/agent.capnp.h"

#include <string>
#include <tl/expected.hpp>

namespace cbs::cli {

// As typed.
struct TypedFanOut {
  std::string hostsFile;
  uint32_t atOnce = 0;  // 0: as many as the daemon allows
  std::string batch;
  std::string maxFailures;
  bool failFast = false;
  std::string deadline;
  std::string delay;
};

// The group that they have in --help. Whatever is in it asks for the form for many hosts, also with a single one.
extern const char* const kManyHosts;

// What is typed goes to `typed`, which outlives `app`.
void addFanOutOptions(CLI::App& app, TypedFanOut& typed);

// Whether one of the group has been given.
bool asksForManyHosts(const CLI::App& app);

// As schema::FanOutRequest has them.
struct FanOutPace {
  uint32_t atOnce = 0;
  uint32_t batch = 0;
  uint32_t maxFailures = 0xffffffff;
  uint64_t delayMs = 0;
  uint64_t deadlineMs = 0;
};

// For so many hosts, of which some options are a share. The error is a sentence about an option.
tl::expected<FanOutPace, std::string> readPace(const TypedFanOut& typed, size_t hosts);

void describePace(const FanOutPace& pace, schema::FanOutRequest::Builder to);

}  // namespace cbs::cli
