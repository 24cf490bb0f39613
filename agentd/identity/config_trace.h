// What `ssh -vvv` tells of how it read ssh_config.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cbs::identity {

// A step of ssh's reading. Lines that change nothing in it are no steps.
struct ConfigStep {
  enum class Kind {
    READ,     // `file` was opened
    INCLUDE,  // the Include at `line` of `file` found a file, which is read in the next step if it can be opened;
              // `applies` is false where it is only checked for faults
    HOST,     // the Host at `line` of `file` applies. Of one that does not, nothing is told
    MATCH,    // the next Match in the order of reading was judged: `applies`. ssh does not always tell where it stands
    AGAIN,    // all is read once more: for Match final, or with a canonical name
  };
  Kind kind;
  std::string file = {};
  unsigned line = 0;
  bool applies = true;
  bool operator==(const ConfigStep&) const = default;
};

// Takes the steps out of what ssh, and the programs that it ran for Match exec, wrote to standard error. The words are
// those of OpenSSH 7.3 and later.
std::vector<ConfigStep> parseConfigTrace(std::string_view text);

}  // namespace cbs::identity
