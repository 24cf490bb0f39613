// What a journal has told of survives its process.
#include "agentd/queue/journal.h"

#include "tests/unit/queue/journal_world.h"

#include <catch2/catch_test_macros.hpp>

#include <signal.h>

#include <array>
#include <map>
#include <random>

namespace cbs::queue {
namespace {

using schema::JobState;

constexpr unsigned kLives = 20;

// Something that the journal said it has written.
struct Note {
  unsigned job;
  JobState state;
};

void tell(int pipe, Note note) {
  if (write(pipe, &note, sizeof(note)) != sizeof(note)) _exit(1);
}

std::string outcomeOf(unsigned job) { return "outcome of " + std::to_string(job); }

// One job after the other, for ever.
Task<void> live(Journal& journal, unsigned first, int pipe) {
  for (unsigned job = first;; job += kLives) {
    auto added = co_await journal.add({.id = idOf(job), .labels = {{"l", "v"}}}, {std::string(job % 9'000, 'r'), ""});
    if (!added) _exit(2);
    tell(pipe, {job, JobState::QUEUED});
    if (!co_await journal.start(idOf(job), 1, 1)) _exit(3);
    tell(pipe, {job, JobState::RUNNING});
    Ending ending{.id = idOf(job), .endedMs = 2, .outcome = outcomeOf(job), .log = std::string(job % 7'000, 'l')};
    if (!co_await journal.end(ending)) _exit(4);
    tell(pipe, {job, JobState::ENDED});
  }
}

[[noreturn]] void liveUntilKilled(const std::string& folder, unsigned first, int pipe) {
  EventLoop world;
  auto journal = Journal::open(world.loop, folder);
  if (!journal) _exit(5);
  std::vector<Task<void>> lives;
  for (unsigned i = 0; i < kLives; ++i) lives.push_back(live(**journal, first + i, pipe));
  kj::NEVER_DONE.wait(world.io.waitScope);
}

using Told = std::map<unsigned, JobState>;

// Kills a process that has told of `notes` steps, and adds all that it has told.
void killAfter(unsigned notes, const std::string& folder, Told& told) {
  unsigned first = told.empty() ? 1 : told.rbegin()->first + 1'000;
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  pid_t child = fork();
  if (child == 0) liveUntilKilled(folder, first, ends[1]);
  close(ends[1]);
  Note note;
  for (unsigned count = 0; read(ends[0], &note, sizeof(note)) == sizeof(note); ++count) {
    told[note.job] = note.state;
    if (count == notes) kill(child, SIGKILL);
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  REQUIRE(WIFSIGNALED(status));
}

void requireAll(const Told& told, const std::string& folder) {
  EventLoop world;
  auto journal = Journal::open(world.loop, folder);
  REQUIRE(journal);
  for (const auto& [number, state] : told) {
    auto job = world.wait((*journal)->find({idOf(number)}))->front();
    REQUIRE(job);
    REQUIRE(job->labels.size() == 1);
    bool isFurther = job->state == JobState::ENDED || state == JobState::QUEUED;
    REQUIRE((job->state == state || isFurther));
    if (job->state != JobState::ENDED) continue;
    REQUIRE(job->outcome == outcomeOf(number));
    REQUIRE(*world.wait((*journal)->log(idOf(number))) == std::string(number % 7'000, 'l'));
  }
}

TEST_CASE("all that was told of is there after a kill at any moment") {
  test::TempFolder temp;
  std::mt19937 random(11);
  Told told;
  for (int round = 0; round < 8; ++round) {
    killAfter(random() % 400, temp.path(), told);
    requireAll(told, temp.path());
  }
}

}  // namespace
}  // namespace cbs::queue
