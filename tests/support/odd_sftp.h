// An SFTP server that is odd on purpose.
#pragma once

#include "tests/support/temp_folder.h"

#include <string>
#include <vector>

namespace cbs::test {

// A program for an sshd's SFTP subsystem: OpenSSH's sftp-server, behind a filter with these options
// (odd_sftp_server/main.cc has them). It outlives the sshd.
class OddSftp {
 public:
  explicit OddSftp(std::vector<std::string> options = {});

  // For SshdOptions::sftp.
  std::string command() const;

 private:
  TempFolder folder_;  // the build may be where the test account cannot read
  std::vector<std::string> options_;
};

}  // namespace cbs::test
