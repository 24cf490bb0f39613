// The user's hosts, and what a daemon that runs knows.
#pragma once

#include "cli/completion/candidate.h"
#include "cli/daemon/place.h"

namespace cbs::cli {

// Has the program end, quietly, when so much time has passed: a person waits for the shell.
void endCompletionAfter(unsigned milliseconds);

// Starts no daemon. A question to the daemon that takes too long ends the program, quietly: there is nobody to tell.
class UserSources final : public CompletionSources {
 public:
  explicit UserSources(DaemonPlace place) : place_(std::move(place)) {}

  std::vector<std::string> hosts() override;
  std::vector<GroupSource::Name> groups() override;
  std::vector<Candidate> jobs(bool alive) override;
  std::vector<std::string> remoteFiles(const std::string& target, const std::string& folder) override;

 private:
  DaemonPlace place_;
};

}  // namespace cbs::cli
