// What ssh(1) is asked to do by its arguments.
#pragma once

#include "cli/options.h"

#include <tl/expected.hpp>

#include <string>
#include <vector>

namespace cbs::cli {

struct SshCommand {
  std::string target;                 // [user@]host[:port]
  std::string command;                // its words with a space between them; empty: a shell
  bool subsystem = false;             // it is the name of one
  std::vector<std::string> options;   // lines of ssh_config; the first that sets something decides it
  std::vector<std::string> keyFiles;  // those of -i, each of which has its line (identityFileLine) in `options`
  std::string configFile;             // absolute, or `none`; empty: the usual ones

  enum class Terminal { AUTOMATIC, NEVER, WANTED, FORCED };
  Terminal terminal = Terminal::AUTOMATIC;
  bool noInput = false;
  bool forwardsAgent = false;
  bool quiet = false;
  bool verbose = false;
  std::string logFile;

  std::string beyondUs;        // what the real ssh has to do, such as `ssh -L`; empty: nothing
  bool beyondQuietly = false;  // and it goes without saying
};

// Reads arguments as ssh does: options, the host, once more options, the command. `folder` is where relative paths
// begin. The error says what is wrong, for a person.
tl::expected<SshCommand, std::string> readSshArguments(const Arguments& arguments, const std::string& folder);

}  // namespace cbs::cli
