#include "agentd/queue/journal_file.h"

#include "agentd/queue/journal_schema.h"

#include <kj/io.h>

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace cbs::queue {
namespace {

class JournalFile {
 public:
  explicit JournalFile(const std::string& folder) : folder_(folder), file_(folder + "/jobs.db") {}

  Expected<std::unique_ptr<Database>> open() {
    if (auto made = makeFolder(); !made) return fail(std::move(made.error()));
    if (auto fit = checkFolder(); !fit) return fail(std::move(fit.error()));
    if (auto made = makeFile(); !made) return fail(std::move(made.error()));
    auto database = Database::open(file_);
    if (!database) return fail(std::move(database.error()));
    if (auto locked = lock(**database); !locked) return fail(std::move(locked.error()));
    auto current = bringUpToDate(**database);
    if (!current) return fail(std::move(current.error()));
    if (auto written = judge(**database); !written) return fail(std::move(written.error()));
    if (auto fit = checkContent(**database); !fit) return fail(std::move(fit.error()));
    return database;
  }

 private:
  Expected<void> makeFolder() {
    std::filesystem::path made;
    for (const auto& part : std::filesystem::path(folder_)) {
      made /= part;
      if (mkdir(made.c_str(), 0700) == 0 || errno == EEXIST) continue;
      int error = errno;
      struct stat info;
      if (stat(made.c_str(), &info) != 0) return refuse("mkdir " + made.string() + ": " + systemMessage(error), error);
    }
    return {};
  }

  Expected<void> checkFolder() {
    struct stat info;
    if (stat(folder_.c_str(), &info) != 0) return refuse(folder_ + ": " + systemMessage(errno), errno);
    if (!S_ISDIR(info.st_mode)) return refuse(folder_ + " is not a folder");
    if (auto owned = checkOwner(folder_, info); !owned) return owned;
    if (info.st_mode & (S_IWGRP | S_IWOTH)) {
      return refuse("others may write to " + folder_ + " (chmod go-w " + folder_ + ")");
    }
    return {};
  }

  // By its path only: to close a descriptor of the file would take SQLite's locks off it, if this process has it open.
  Expected<void> makeFile() {
    kj::AutoCloseFd created(::open(file_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (created != nullptr) return {};
    if (errno != EEXIST) return refuse(file_ + ": " + systemMessage(errno), errno);
    struct stat info;
    if (lstat(file_.c_str(), &info) != 0) return refuse(file_ + ": " + systemMessage(errno), errno);
    if (!S_ISREG(info.st_mode)) return refuse(file_ + " is not a file");
    if (auto owned = checkOwner(file_, info); !owned) return owned;
    if ((info.st_mode & 077) != 0 && chmod(file_.c_str(), 0600) != 0) {
      return refuse("chmod " + file_ + ": " + systemMessage(errno));
    }
    return {};
  }

  Expected<void> checkOwner(const std::string& path, const struct stat& info) {
    if (info.st_uid == geteuid()) return {};
    return refuse(path + " belongs to uid " + std::to_string(info.st_uid));
  }

  // EXCLUSIVE before WAL: then what SQLite shares between processes stays in memory, and the lock is held to the end.
  Expected<void> lock(Database& database) {
    database.run("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    database.run("PRAGMA journal_size_limit = 16777216; PRAGMA temp_store = MEMORY; BEGIN IMMEDIATE; COMMIT");
    return judge(database);
  }

  // Jobs without which there is no start are looked at; what else is damaged shows when it is read.
  Expected<void> checkContent(Database& database) {
    auto check = database.prepareOnce("PRAGMA quick_check(jobs)");
    std::string first = check.next() ? check.text() : "ok";
    if (auto fit = judge(database); !fit) return fit;
    return first == "ok" ? Expected<void>() : refuse(damaged(first));
  }

  // What the last statements have come to.
  Expected<void> judge(Database& database) {
    auto fault = database.takeFault();
    if (!fault) return {};
    int code = database.faultCode();
    if (code == SQLITE_BUSY) return refuse("another daemon keeps its jobs in " + folder_);
    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB) fault->detail = damaged(fault->detail);
    return fail(std::move(*fault));
  }

  std::string damaged(const std::string& why) {
    return file_ + " is damaged (" + why + "); to begin anew, move it away";
  }

  tl::unexpected<Error> refuse(std::string detail, int error = 0) {
    auto refusal = Error{ErrorKind::OVERLOADED, Reason::JOURNAL_UNAVAILABLE, std::move(detail)}.with("file", file_);
    if (error == ENOSPC || error == EDQUOT) refusal.facts.push_back({"full", "true"});
    return fail(std::move(refusal));
  }

  const std::string folder_;
  const std::string file_;
};

}  // namespace

Expected<std::unique_ptr<Database>> openJournalFile(const std::string& folder) { return JournalFile(folder).open(); }

}  // namespace cbs::queue
