// How the keeper finds its jobs again when it starts.
#include "agentd/queue/encoded.h"
#include "agentd/queue/job_keeper.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <set>

namespace cbs::queue {
namespace {

// Before the journal is tried again, which takes milliseconds.
constexpr kj::Duration kOpenPause = 1 * kj::SECONDS;

bool exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

Error noJournal(const std::string& why) { return {ErrorKind::OVERLOADED, Reason::JOURNAL_UNAVAILABLE, why}; }

// Of a job that ran when its daemon died: what it had printed is in its log.
Ending endingByCrash(const Job& job, const std::string& logFile, uint64_t nowMs) {
  Ending ending{.id = job.id, .endedMs = nowMs};
  auto extent = extentOfLog(logFile);
  ending.outcome = outcomeOfCrash(job.attempts, extent);
  ending.logBytes = extent.size;
  if (extent.size > 0) ending.logFile = logFile;
  return ending;
}

}  // namespace

Expected<void> JobKeeper::open() {
  if (journal_.get() != nullptr || folder_.empty() || !exists(folder_ + "/jobs.db")) return {};
  return openJournal();
}

Expected<void> JobKeeper::openJournal() {
  if (journal_.get() != nullptr) return {};
  if (released_) return fail(noJournal("another daemon has it now"));
  auto now = loop_.timer.now();
  if (unopened_ && now - openedAt_ < kOpenPause) return fail(*unopened_);
  openedAt_ = now;
  auto opened = tryToOpen();
  unopened_ = opened ? std::nullopt : std::optional(opened.error());
  return opened;
}

Expected<void> JobKeeper::tryToOpen() {
  if (folder_.empty()) return fail(noJournal("there is no folder for it: set HOME or XDG_STATE_HOME for the daemon"));
  auto opened = Journal::open(loop_, folder_);
  if (!opened) return fail(kj::mv(opened.error()));
  if (auto made = makeLogFolder(); !made) return made;
  auto contents = (*opened)->contents();
  if (!contents) return fail(kj::mv(contents.error()));
  journal_ = kj::mv(*opened);
  world_.emplace(world());
  ids_.follow(contents->youngestId);
  budget_->add(contents->logBytes);
  for (const Job& job : contents->unended) enlist(job);
  removeStrayLogs(contents->logFiles);
  for (const Job& job : contents->unended) adopt(job);
  for (const Job& job : contents->unended) revive(job);
  sweeps_->add(sweepNowAndThen());
  return {};
}

// Its own, and no link to something that is not.
Expected<void> JobKeeper::makeLogFolder() {
  std::string path = folder_ + "/jobs";
  struct stat info;
  bool made = mkdir(path.c_str(), 0700) == 0 || errno == EEXIST;
  if (!made) return fail(noJournal(path + ": " + systemMessage(errno)).with("file", path));
  if (lstat(path.c_str(), &info) != 0 || !S_ISDIR(info.st_mode) || info.st_uid != geteuid()) {
    return fail(noJournal(path + " is no folder of the daemon's own").with("file", path));
  }
  return {};
}

// A daemon that died can leave logs behind that the journal has taken over, or forgotten.
void JobKeeper::removeStrayLogs(const std::vector<std::string>& kept) {
  std::set<std::string> known(kept.begin(), kept.end());
  std::error_code error;
  std::filesystem::directory_iterator entry(folder_ + "/jobs", error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    std::string id = entry->path().stem();
    bool isLog = core::looksLikeJobId(id) && entry->path().extension() == ".log";
    std::error_code ignored;
    if (isLog && !known.contains(id) && !live_.contains(id)) std::filesystem::remove(entry->path(), ignored);
  }
}

// If its command runs in another daemon.
void JobKeeper::adopt(const Job& job) {
  auto adopted = adopted_.find(job.id);
  if (adopted == adopted_.end() || job.state != schema::JobState::RUNNING) return;
  JobRun& run = *live_.find(job.id)->second;
  outputs_.emplace(job.id, run.adopt(kj::mv(adopted->second)));
  runs_->add(takeTurn(run));
}

// A job that the journal has.
void JobKeeper::revive(const Job& job) {
  if (outputs_.contains(job.id)) return;
  JobRun& run = *live_.find(job.id)->second;
  bool ran = job.state == schema::JobState::RUNNING;
  bool mayRunAgain = job.idempotent && !job.cancelled;
  bool again = core::fateAfterCrash({mayRunAgain, job.retries, job.attempts}) == core::JobFate::PUT_BACK;
  if (ran && !again) run.conclude(endingByCrash(job, logFile(job.id), timeOfDayMs(clock_)));
  runs_->add(begin(run));
}

}  // namespace cbs::queue
