#include "cli/fanout/host_board.h"

#include <algorithm>

namespace cbs::cli {

HostBoard::HostBoard(const std::vector<std::string>& targets)
    : targets_(targets), states_(targets.size()), ends_(targets.size()) {}

void HostBoard::started(uint32_t host, kj::TimePoint now) {
  if (states_[host].stage != Stage::waiting) return;
  states_[host] = {Stage::running, now};
  ++running_;
}

const HostEnd& HostBoard::ended(uint32_t host, HostEnd end) {
  if (states_[host].stage == Stage::running) --running_;
  states_[host].stage = Stage::ended;
  ++done_;
  if (!end.succeeded() && !end.skipped()) ++failed_;
  return ends_[host] = kj::mv(end);
}

std::vector<std::string> HostBoard::runningTargets() const {
  std::vector<std::string> names;
  for (uint32_t host = 0; host < states_.size(); ++host) {
    if (states_[host].stage == Stage::running) names.push_back(targets_[host]);
  }
  return names;
}

kj::Maybe<HostBoard::Oldest> HostBoard::oldest() const {
  kj::Maybe<Oldest> oldest;
  for (uint32_t host = 0; host < states_.size(); ++host) {
    if (states_[host].stage != Stage::running) continue;
    bool older = true;
    KJ_IF_MAYBE (other, oldest) older = states_[host].since < other->since;
    if (older) oldest = Oldest{host, states_[host].since};
  }
  return oldest;
}

int HostBoard::exitCode(int signal) const {
  int code = 0;
  for (const HostEnd& end : ends_) {
    if (!end.skipped()) code = std::max(code, end.exitCode);
    bool keptOff = signal != 0 && end.skipped() && end.error.reason == Reason::CALLER_CANCELLED;
    if (keptOff) code = std::max(code, 128 + signal);
  }
  return code;
}

}  // namespace cbs::cli
