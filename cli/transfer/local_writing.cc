#include "cli/transfer/local_writing.h"

#include "cli/transfer/local_error.h"
#include "cli/transfer/open_below.h"
#include "common/entry_path.h"

#include <kj/debug.h>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace cbs::cli {

bool FileWritingServer::finish(const LocalEntry& entry) {
  if (ftruncate(file_.fd(), static_cast<off_t>(entry.size)) < 0 || !file_.publish(name_, entry, rules_)) return false;
  if (!rules_.fsync) return true;
  auto folder = openBelow(folder_, "", O_RDONLY | O_DIRECTORY);
  return folder != nullptr && fsync(folder) == 0;
}

kj::Promise<void> FileWritingServer::commit(CommitContext context) {
  KJ_REQUIRE(file_.pending(), "the file has its place already, or was given up");
  auto entry = entryOf(context.getParams().getEntry());
  if (!finish(entry)) {
    int error = errno;
    encode(localError(joinPath(folderPath_, name_), error), context.getResults().initError());
  }
  return kj::READY_NOW;
}

std::string FileWritingServer::giveUp() {
  if (!file_.pending()) return "";
  if (file_.size() >= kWorthKeeping) return joinPath(folderPath_, file_.keep());
  file_.remove();
  return "";
}

kj::Promise<void> FileWritingServer::leave(LeaveContext context) {
  context.getResults().setPart(bytesOf(giveUp()));
  return kj::READY_NOW;
}

}  // namespace cbs::cli
