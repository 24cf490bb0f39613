#include "agentd/queue/journal.h"

#include "agentd/queue/commit_line.h"
#include "agentd/queue/forget_jobs.h"
#include "agentd/queue/job_list.h"
#include "agentd/queue/job_rows.h"
#include "agentd/queue/job_table.h"
#include "agentd/queue/journal_file.h"

namespace cbs::queue {
namespace {

constexpr size_t kForgottenAtOnce = 500;
constexpr size_t kFileWeight = 30;  // a wait for the disk of its own

class SqliteJournal final : public Journal {
 public:
  SqliteJournal(Loop loop, std::unique_ptr<Database> database) : line_(loop, std::move(database)) {}

  Task<Expected<Added>> add(Job job, Assignment assignment) override {
    return line_.run<Added>([job = std::move(job), assignment = std::move(assignment)](Transaction& transaction) {
      return addJob(transaction.database(), job, assignment);
    });
  }

  Task<Expected<Assignment>> assignment(std::string id) override {
    return line_.run<Assignment>(
        [id = std::move(id)](Transaction& transaction) { return assignmentOf(transaction.database(), id); });
  }

  Task<Expected<void>> start(std::string id, uint32_t attempts, uint64_t startedMs) override {
    return line_.run<void>([id = std::move(id), attempts, startedMs](Transaction& transaction) {
      return startJob(transaction.database(), id, attempts, startedMs);
    });
  }

  Task<Expected<void>> cancel(std::string id) override {
    return line_.run<void>(
        [id = std::move(id)](Transaction& transaction) { return cancelJob(transaction.database(), id); });
  }

  Task<Expected<void>> requeue(std::string id, uint32_t attempts, uint64_t notBeforeMs) override {
    return line_.run<void>([id = std::move(id), attempts, notBeforeMs](Transaction& transaction) {
      return requeueJob(transaction.database(), id, attempts, notBeforeMs);
    });
  }

  Task<Expected<void>> end(Ending ending) override {
    size_t weight = ending.logFile.empty() ? 1 : kFileWeight;
    auto work = [ending = std::move(ending)](Transaction& transaction) { return endJob(transaction, ending); };
    return line_.run<void>(std::move(work), weight);
  }

  Task<Expected<std::vector<Job>>> list(JobQuery query) override {
    return line_.run<std::vector<Job>>(
        [query = std::move(query)](Transaction& transaction) { return listJobs(transaction.database(), query); });
  }

  Task<Expected<std::vector<std::optional<Job>>>> find(std::vector<std::string> idsOrNames) override {
    using Found = std::vector<std::optional<Job>>;
    return line_.run<Found>([idsOrNames = std::move(idsOrNames)](Transaction& transaction) {
      Found found;
      for (const auto& idOrName : idsOrNames) found.push_back(findJob(transaction.database(), idOrName));
      return found;
    });
  }

  Task<Expected<std::optional<std::string>>> log(std::string id) override {
    return line_.run<std::optional<std::string>>(
        [id = std::move(id)](Transaction& transaction) { return logOfJob(transaction.database(), id); });
  }

  Task<Expected<std::vector<Forgotten>>> forget(Retention retention) override {
    std::vector<Forgotten> all;
    for (;;) {
      auto some = co_await line_.run<std::vector<Forgotten>>([retention](Transaction& transaction) {
        return forgetJobs(transaction.database(), retention, kForgottenAtOnce);
      });
      if (!some && all.empty()) co_return fail(std::move(some.error()));
      if (!some) co_return all;  // of these its caller has to know
      std::move(some->begin(), some->end(), std::back_inserter(all));
      if (some->size() < kForgottenAtOnce) co_return all;
    }
  }

  Expected<Contents> contents() override {
    Database& database = line_.idle();
    auto contents = contentsOf(database);
    if (auto fault = database.takeFault()) return fail(std::move(*fault));
    return contents;
  }

 private:
  CommitLine line_;
};

}  // namespace

Expected<kj::Own<Journal>> Journal::open(Loop loop, const std::string& folder) {
  auto database = openJournalFile(folder);
  if (!database) return fail(std::move(database.error()));
  return kj::Own<Journal>(kj::heap<SqliteJournal>(loop, std::move(*database)));
}

}  // namespace cbs::queue
