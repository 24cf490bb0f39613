// Jobs when the daemon is killed again and again.
#include "tests/support/job_caller.h"
#include "tests/support/lab.h"

#include <catch2/catch_test_macros.hpp>

#include <fstream>
#include <map>
#include <thread>

namespace cbs::test {
namespace {

#if defined(__has_feature) && __has_feature(address_sanitizer)
constexpr size_t kJobs = 1'000;  // the sanitizers take five times as long
#else
constexpr size_t kJobs = 10'000;
#endif
constexpr size_t kCallers = 10;
constexpr size_t kKills = 5;
constexpr size_t kJobsOfEach = kJobs / kCallers;

// Each job notes on the host that it ran, and prints something that is its own, some of it long.
struct Task {
  std::string word;
  bool idempotent;
  size_t lines;

  static Task number(size_t caller, size_t index) {
    return {"c" + std::to_string(caller) + "j" + std::to_string(index), index % 2 == 0, index % 97 == 0 ? 4'000u : 3u};
  }
  std::string command(const std::string& notes) const {
    return "echo " + word + " >>" + notes + "; yes " + word + " | head -n " + std::to_string(lines);
  }
  std::string output() const {
    std::string text;
    for (size_t i = 0; i < lines; ++i) text += word + "\n";
    return text;
  }
};

std::map<std::string, int> countLines(const std::string& file) {
  std::map<std::string, int> counts;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) ++counts[line];
  return counts;
}

// What one caller has been told.
struct Story {
  std::vector<std::string> ids;
  std::vector<JobEnd> ends;
  std::string failure;
};

void submitAll(const PrivateAgent& agent, const std::string& notes, size_t caller, Story& story) try {
  JobCaller client(agent.socket());
  std::vector<JobSpec> jobs;
  for (size_t i = 0; i < kJobsOfEach; ++i) {
    auto task = Task::number(caller, i);
    jobs.push_back({"web1", task.command(notes), task.word, task.idempotent});
  }
  story.ids = client.submitAll(jobs, 20);
  for (const auto& id : story.ids) story.ends.push_back(client.await(id));
} catch (const std::exception& error) {
  story.failure = error.what();
} catch (const kj::Exception& error) {
  story.failure = error.getDescription().cStr();
}

// Kills the daemon whenever another part of one caller's jobs has ended, so that it dies while jobs are submitted and
// run.
void killAgainAndAgain(PrivateAgent& agent, const std::string& notes) {
  JobCaller client(agent.socket());
  for (size_t kill = 1; kill <= kKills; ++kill) {
    auto task = Task::number(0, kJobsOfEach * kill / (kKills + 1));
    client.await(client.submit({"web1", task.command(notes), task.word, task.idempotent}));
    agent.kill();
    agent.start();
  }
}

void check(const Story& story, size_t caller, std::map<std::string, int>& ran) {
  INFO("caller " << caller);
  CHECK(story.failure == "");
  REQUIRE(story.ends.size() == kJobsOfEach);
  size_t unknown = 0;
  for (size_t i = 0; i < kJobsOfEach; ++i) {
    auto task = Task::number(caller, i);
    const JobEnd& end = story.ends[i];
    INFO(task.word << " " << end.id);
    if (!task.idempotent) CHECK(ran[task.word] <= 1);
    bool isUnknown = !task.idempotent && end.error == ErrorKind::LOST;
    unknown += isUnknown ? 1 : 0;
    if (isUnknown) continue;
    CHECK(end.exited);
    CHECK(end.status == 0);
    CHECK(ran[task.word] >= 1);
    CHECK(end.out == task.output());
  }
  CHECK(unknown <= kKills * 50);  // no more than can have run when it died
}

TEST_CASE("jobs of ten callers survive a daemon that is killed five times", "[soak]") {
  Lab lab({}, {.command = "max_per_host = 0\n", .rest = "[jobs]\npool_size = 50\n"});
  std::string notes = lab.sshd.remoteFolder() + "/notes";
  std::vector<Story> stories(kCallers);
  std::vector<std::thread> callers;
  for (size_t caller = 0; caller < kCallers; ++caller) {
    callers.emplace_back([&, caller]() { submitAll(lab.agent, notes, caller, stories[caller]); });
  }
  killAgainAndAgain(lab.agent, notes);
  for (auto& caller : callers) caller.join();
  auto ran = countLines(notes);
  for (size_t caller = 0; caller < kCallers; ++caller) check(stories[caller], caller, ran);
}

}  // namespace
}  // namespace cbs::test
