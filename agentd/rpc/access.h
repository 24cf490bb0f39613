// Who may use the daemon.
#pragma once

#include "agentd/rpc/caller.h"
#include "common/config_types.h"
#include "common/loop.h"
#include "common/task.h"

#include <kj/async.h>

#include <map>
#include <string>
#include <vector>

namespace cbs::rpc {

// Each may do what those before it may.
enum class Role { NOBODY, VIEWER, USER, OWNER };

// The daemon's user and root are owners; members of the groups that the configuration names are users and viewers.
class Access {
 public:
  explicit Access(Loop loop);

  // Takes what the configuration says. A group that is not named any more loses its right at once; a new one gets it
  // when the system has told which one it is, which may take a while (a directory service). One that is not known is a
  // warning in the log.
  void setRules(const Config::Access& rules);

  // Resolves when what was set last holds, at the latest five seconds after it was set.
  kj::Promise<void> whenKnown();

  Role roleOf(const Caller& caller) const;

  // Whether others than the owners may use it; if not, strangers get no answer.
  bool isOpenToGroups() const { return !users_.empty() || !viewers_.empty(); }

  // What a stranger is told: agentUnreachable/peerRefused with the fact `refused`.
  Error refusal() const;

  // The groups that a role takes, for people.
  std::string groupsText(Role role) const;

 private:
  using Names = std::vector<std::string>;
  using Numbers = std::map<std::string, gid_t>;

  Task<void> lookUp();
  void warnOfUnknown() const;
  bool isMember(const Caller& caller, const Names& groups) const;

  Loop loop_;
  Names users_;
  Names viewers_;
  Numbers known_;
  bool outdated_ = false;
  bool looking_ = false;  // one look-up at a time: each is a thread
  kj::TimePoint deadline_;
  kj::ForkedPromise<void> upToDate_;
};

}  // namespace cbs::rpc
