// Options of ssh's command line that a caller wants to count.
#pragma once

#include <string>
#include <vector>

namespace cbs::identity {

// They go before what the configuration says. A jump host gets the file alone, as ssh passes it on to one.
struct SshOptions {
  std::vector<std::string> lines;  // as of ssh -o: `Keyword=value`
  std::string configFile = {};     // as of ssh -F: absolute, or `none`; "": as configured

  bool empty() const { return lines.empty() && configFile.empty(); }

  // Whether many answers to such ones may be kept.
  bool areShort() const;

  // Equal for equal options, and short; "" for none.
  std::string key() const;

  // Whether they say the same of every host, but for the host's own name.
  bool treatHostsAlike() const;
};

// The keyword of a line, in lower case.
std::string optionKeyword(const std::string& line);

}  // namespace cbs::identity
