// asyncssh, in a process of its own (lib/connect_storm_asyncssh.py).
#pragma once

#include "tests/bench/contender.h"
#include "tests/bench/many_addresses.h"
#include "tests/support/child_process.h"
#include "tests/support/temp_folder.h"

#include <string>
#include <vector>

namespace cbs::bench {

// Throws unless Debian's python3-asyncssh is installed.
void requireAsyncssh();

class AsyncsshPeer final : public Contender {
 public:
  // Runs `jobs` commands at once. Throws unless it has logged in to the server once.
  AsyncsshPeer(const ManyAddresses& server, const std::vector<std::string>& addresses, int jobs);

  pid_t pid() const override { return process_.pid(); }
  Turn takeTurn() override;

 private:
  // The next line that it says, within the time that a turn may take.
  std::string answer();

  test::TempFolder folder_;
  test::Pipe orders_ = test::makePipe();
  test::Pipe answers_ = test::makePipe();
  test::ChildProcess process_;
};

}  // namespace cbs::bench
