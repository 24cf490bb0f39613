#include "agentd/queue/transaction.h"

#include <kj/io.h>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace cbs::queue {
namespace {

tl::unexpected<Error> notDurable(const std::string& path, int errorNumber) {
  auto error = Error{ErrorKind::OVERLOADED, Reason::JOURNAL_UNAVAILABLE, path + ": " + systemMessage(errorNumber)}.with(
      "file", path);
  if (errorNumber == ENOSPC || errorNumber == EDQUOT) error.facts.push_back({"full", "true"});
  return fail(std::move(error));
}

}  // namespace

Expected<void> Transaction::statement(const char* sql) {
  database_.run(sql);
  auto fault = database_.takeFault();
  return fault ? Expected<void>(fail(std::move(*fault))) : Expected<void>();
}

Expected<void> Transaction::begin() { return statement("BEGIN IMMEDIATE"); }

Expected<void> Transaction::perform(const Work& work) {
  database_.prepare("SAVEPOINT operation").run();
  Expected<void> result = work(*this);
  if (auto fault = database_.takeFault()) result = fail(std::move(*fault));
  if (isOver()) return result;
  if (!result) database_.prepare("ROLLBACK TO operation").run();
  database_.prepare("RELEASE operation").run();
  if (auto fault = database_.takeFault()) return fail(std::move(*fault));
  return result;
}

Expected<void> Transaction::commit() {
  Expected<void> result = syncFolders();
  if (result) result = statement("COMMIT");
  if (!isOver()) statement("ROLLBACK").or_else([](Error&&) {});  // SQLite has done so itself after some faults
  return result;
}

Expected<bool> Transaction::syncFile(const std::string& file) {
  kj::AutoCloseFd fd(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
  if (fd == nullptr || fdatasync(fd) != 0) {
    bool full = errno == ENOSPC || errno == EDQUOT;
    return full ? Expected<bool>(notDurable(file, errno)) : false;
  }
  folders_.insert(std::filesystem::path(file).parent_path());
  return true;
}

Expected<void> Transaction::syncFolders() {
  for (const auto& folder : folders_) {
    kj::AutoCloseFd fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd == nullptr || fsync(fd) != 0) return notDurable(folder, errno);
  }
  return {};
}

}  // namespace cbs::queue
