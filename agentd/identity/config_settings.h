// The settings that hold for a host, each with where it was decided.
#pragma once

#include "agentd/core/target.h"
#include "agentd/identity/config_origins.h"

#include <string>
#include <string_view>
#include <vector>

namespace cbs::identity {

struct ConfigSetting {
  enum class Origin {
    DEFAULT,  // ssh's own
    TARGET,   // user@, :port, or the name itself
    FILE,     // `line` of `file`
    UNKNOWN,  // something else: what is not seen in the files is not guessed at
  };
  std::string keyword;  // as ssh_config(5) spells it
  std::string value;    // as ssh prints it; empty: it has none
  Origin origin = Origin::UNKNOWN;
  std::string file = {};
  unsigned line = 0;
  bool operator==(const ConfigSetting&) const = default;
};

// Every keyword that is honoured, once, or once for each of its values where they accumulate (IdentityFile,
// CertificateFile, SendEnv, SetEnv).
//
// The values are those that `printed` has, which is what `ssh -G` says of `target`; `standard` is what it says without
// any configuration. Where ssh does not print what a line of `applied` sets to `none`, that line counts.
std::vector<ConfigSetting> settingsOf(const core::Target& target, std::string_view printed, std::string_view standard,
                                      const AppliedLines& applied);

}  // namespace cbs::identity
