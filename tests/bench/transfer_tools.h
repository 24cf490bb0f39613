// Programs that move files, and how each is told to.
#pragma once

#include "tests/bench/bench_daemon.h"

#include <string>
#include <vector>

namespace cbs::bench {

// What is to be moved: `name` in the folder `from` goes into the folder `into`, which is there.
struct Errand {
  std::string from;
  std::string name;
  std::string into;
  bool up = true;     // to the host `bench`
  bool tree = false;  // a folder rather than a file
};

enum class Tool { kCbsession, kScp, kScpAes128Gcm, kSftp, kRsync, kTar };

const char* nameOf(Tool tool);
// False if this machine does not have it (rsync).
bool isHere(Tool tool);

// Its command line for an errand. The others than cbsession log in by the ssh_config that the daemon has.
std::vector<std::string> commandLine(Tool tool, const Errand& errand, const BenchDaemon& daemon);

}  // namespace cbs::bench
