// Finds the lines of ssh_config that apply to a host.
#pragma once

#include "agentd/identity/config_trace.h"
#include "common/error.h"

#include <functional>
#include <string>
#include <vector>

namespace cbs::identity {

// A line that sets something.
struct ConfigLine {
  std::string file;  // as ssh calls it
  unsigned line = 0;
  std::string keyword;             // in lower case, and as it is called today where it has had other names
  std::vector<std::string> words;  // what follows it, without quotes
  bool again = false;              // come to when all was read once more (ConfigStep::Kind::AGAIN)
};

struct AppliedLines {
  std::vector<ConfigLine> lines;  // in the order in which ssh came to them: the first one that sets a value decides it
  bool complete = true;           // else the files were not as the steps tell, and lines are missing at the end
};

// Gives a file's text.
using ReadText = std::function<Expected<std::string>(const std::string& path)>;

// Goes through the files in the order of `steps`. Which blocks apply is ssh's word; patterns are not looked at.
AppliedLines appliedLines(const std::vector<ConfigStep>& steps, const ReadText& read);

// `keyword` in lower case, and by its present name: ChallengeResponseAuthentication is kbdinteractiveauthentication.
std::string presentKeyword(std::string_view keyword);

}  // namespace cbs::identity
