// A journal in a folder of its own.
#pragma once

#include "agentd/queue/journal.h"
#include "tests/support/temp_folder.h"

#include <catch2/catch_test_macros.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <utility>

namespace cbs::queue {

struct EventLoop {
  template <typename T>
  T wait(Task<T> task) {
    return std::move(task).promise().wait(io.waitScope);
  }

  kj::AsyncIoContext io = kj::setupAsyncIo();
  Loop loop{io.unixEventPort, io.provider->getTimer(), *io.lowLevelProvider};
};

struct JournalWorld : EventLoop {
  JournalWorld() { reopen(); }

  Expected<kj::Own<Journal>> open() { return Journal::open(loop, folder()); }
  void reopen() {
    journal = {};
    auto opened = open();
    if (!opened) FAIL(opened.error().detail);
    journal = kj::mv(*opened);
  }
  std::string folder() const { return temp.path("state/cbsession"); }

  Added add(Job job, Assignment assignment = {"request", "context"}) {
    auto added = wait(journal->add(std::move(job), std::move(assignment)));
    REQUIRE(added);
    return *added;
  }
  // A job that has come to its end.
  void addEnded(const std::string& id, uint64_t endedMs, uint64_t logBytes = 0, std::vector<Dependency> after = {}) {
    add(Job{.id = id, .after = std::move(after)});
    REQUIRE(wait(journal->end({.id = id, .endedMs = endedMs, .outcome = "outcome", .logBytes = logBytes})));
  }
  std::optional<Job> find(const std::string& idOrName) {
    auto found = wait(journal->find({idOrName}));
    REQUIRE(found);
    REQUIRE(found->size() == 1);
    return found->front();
  }
  std::vector<std::string> list(JobQuery query = {}) {
    auto listed = wait(journal->list(std::move(query)));
    REQUIRE(listed);
    std::vector<std::string> ids;
    for (const Job& job : *listed) ids.push_back(job.id);
    return ids;
  }
  std::vector<std::string> forget(Journal::Retention retention) {
    auto forgotten = wait(journal->forget(retention));
    REQUIRE(forgotten);
    std::vector<std::string> ids;
    for (const auto& job : *forgotten) ids.push_back(job.id);
    return ids;
  }

  test::TempFolder temp;
  kj::Own<Journal> journal;
};

// An id that sorts by its number.
inline std::string idOf(unsigned number) {
  std::string text = std::to_string(number);
  return std::string(16 - text.size(), '0') + text;
}

// Runs `work` in a process of its own, in which no test framework sees what happens, and returns whether it was true.
inline bool inChild(const std::function<bool()>& work) {
  pid_t child = fork();
  if (child == 0) _exit(work() ? 0 : 1);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace cbs::queue
