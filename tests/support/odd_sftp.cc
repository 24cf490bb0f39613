#include "tests/support/odd_sftp.h"

#include <filesystem>

namespace cbs::test {

OddSftp::OddSftp(std::vector<std::string> options) : options_(std::move(options)) {
  namespace fs = std::filesystem;
  fs::copy_file(CBS_ODD_SFTP_SERVER, folder_.path("odd_sftp_server"));
  fs::permissions(folder_.path("odd_sftp_server"), fs::perms(0755));
}

std::string OddSftp::command() const {
  std::string line = folder_.path("odd_sftp_server");
  for (const std::string& option : options_) line += " " + option;
  return line;
}

}  // namespace cbs::test
