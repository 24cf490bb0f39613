// `cbsession` in the hands of another user.
#pragma once

#include "tests/support/private_agent.h"

namespace cbs::test {

// Runs programs as `nobody`, in groups of the test's choice. Needs root.
class OtherUser {
 public:
  // The agent's folder gets a copy of `cbsession` that everybody can run, wherever the build is.
  explicit OtherUser(const PrivateAgent& agent);

  static constexpr uid_t kUser = 65534;

  // Runs it to its end, as a member of these groups only.
  CliResult cli(const std::string& groups, const std::vector<std::string>& arguments) const;
  CliProcess start(const std::string& groups, const std::vector<std::string>& arguments) const;

 private:
  const PrivateAgent& agent_;
  std::string program_;
};

}  // namespace cbs::test
