// Of what became of many hosts: the same together, for the end of a command on all of them.
#pragma once

#include "cli/fanout/presenter.h"
#include "schema/cli.capnp.h"

#include <string>
#include <string_view>
#include <vector>

namespace cbs::cli {

// Hosts of which the same became.
struct OutcomeGroup {
  std::string text;  // `exited with 1`, `unreachable: connection refused`; `ok` of those that succeeded
  int status = 0;    // what each of them exits with
  Reason reason = Reason::UNSPECIFIED;  // unspecified: of a command that has a status
  bool skipped = false;                 // HostEnd::skipped
  std::vector<uint32_t> hosts;          // their places among the targets, ascending
};

struct Outcomes {
  uint32_t succeeded = 0;
  uint32_t failed = 0;
  uint32_t skipped = 0;
  // The most frequent first; where that is the same, by their first host.
  std::vector<OutcomeGroup> groups;
};

Outcomes outcomesOf(const FanOutResults& results);

// Words for what became of one host, without what is its alone (addresses, fingerprints): OutcomeGroup::text.
std::string outcomeText(const HostEnd& end);

// What is said of a host when it has ended, a line of standard error; "" if all is well, and of those that never began:
// the summary counts them.
std::string endSentence(const HostEnd& end, std::string_view target);

// Of these targets, as a node set for people; when that gets long the first few, and how many more there are.
std::string foldedBriefly(const std::vector<std::string>& targets);

// For people: a line, or several, for standard error.
std::string summaryText(const FanOutResults& results);

// For programs. All but `event` is filled in.
void describeSummary(const FanOutResults& results, schema::FanOutSummary::Builder to);

}  // namespace cbs::cli
