#include "cli/fanout/unnamed_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace cbs::cli {

kj::AutoCloseFd openUnnamedFile(const std::string& folder) {
  kj::AutoCloseFd file(open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (file != nullptr) return file;
  std::string name = folder + "/cbsession.XXXXXX";  // a file system without O_TMPFILE
  file = kj::AutoCloseFd(mkostemp(name.data(), O_CLOEXEC));
  if (file != nullptr) unlink(name.c_str());
  return file;
}

Error unnamedFileError(const std::string& purpose, const std::string& folder, int error) {
  Reason reason = error == ENOSPC || error == EDQUOT ? Reason::NO_SPACE : Reason::LOCAL_IO;
  return Error{ErrorKind::TRANSFER_FAILED, reason, purpose + " in " + folder + ": " + systemMessage(error)}
      .with("localPath", folder)
      .with("temporary", "true");
}

std::string temporaryFolder() {
  const char* chosen = getenv("TMPDIR");
  return chosen == nullptr || *chosen == '\0' ? "/tmp" : chosen;
}

}  // namespace cbs::cli
