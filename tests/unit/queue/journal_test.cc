#include "agentd/queue/journal.h"

#include "tests/unit/queue/journal_world.h"

#include <catch2/catch_test_macros.hpp>

namespace cbs::queue {
namespace {

using namespace std::string_literals;
using schema::JobState;
using Ids = std::vector<std::string>;

constexpr uint64_t kEver = UINT64_MAX;

// Nothing in it is as it would be by itself.
Job fullJob() {
  return {.id = idOf(7),
          .user = 4'294'967'294,
          .caller = "1000/shell",
          .name = "nightly",
          .labels = {{"team", "db"}, {"b", ""}, {"a", "1"}, {"team", "web"}},
          .target = "root@web1\xff\0x"s,
          .command = "printf '%s\\n' \xc3",
          .priority = schema::Priority::HIGH,
          .idempotent = true,
          .retries = 4'000'000'000,
          .after = {{idOf(3), false}, {idOf(2), true}},
          .idempotencyKey = "key",
          .submittedMs = 1,
          .deadlineMs = kEver,
          .notBeforeMs = 3,
          .startedMs = 4,
          .endedMs = 5,
          .state = JobState::RUNNING,
          .attempts = 6,
          .logBytes = 7,
          .logDroppedBytes = 8,
          .outcome = "\0\1\2"s};
}

TEST_CASE("a job is found as it was added, also after the journal was closed") {
  JournalWorld world;
  auto added = world.add(fullJob());
  REQUIRE(added.id == idOf(7));
  REQUIRE_FALSE(added.existing);
  REQUIRE(world.find(idOf(7)) == fullJob());
  world.reopen();
  REQUIRE(world.find(idOf(7)) == fullJob());
  REQUIRE(world.journal->contents()->unended == std::vector{fullJob()});
}

TEST_CASE("an attempt gets what the job was added with") {
  JournalWorld world;
  Assignment assignment{std::string(300'000, 'r') + "\0"s, "\0context"s};
  world.add({.id = idOf(1)}, assignment);
  auto found = world.wait(world.journal->assignment(idOf(1)));
  REQUIRE(found);
  REQUIRE(found->request == assignment.request);
  REQUIRE(found->context == assignment.context);
  REQUIRE(world.wait(world.journal->assignment("nobody")).error().reason == Reason::JOB_NOT_FOUND);
  REQUIRE(world.wait(world.journal->start(idOf(1), 3, 1234)));
  Job job{.id = idOf(1), .startedMs = 1234, .state = JobState::RUNNING, .attempts = 3};
  REQUIRE(world.find(idOf(1)) == job);
}

TEST_CASE("a job that is put back waits for its time") {
  JournalWorld world;
  world.add({.id = idOf(1)});
  REQUIRE(world.wait(world.journal->start(idOf(1), 1, 10)));
  REQUIRE(world.wait(world.journal->requeue(idOf(1), 1, 99)));
  Job job{.id = idOf(1), .notBeforeMs = 99, .startedMs = 10, .state = JobState::QUEUED, .attempts = 1};
  REQUIRE(world.find(idOf(1)) == job);
}

TEST_CASE("a job that has ended has its outcome, and its log if that was small") {
  JournalWorld world;
  world.add({.id = idOf(1)});
  world.add({.id = idOf(2)});
  Ending ending{.id = idOf(1), .endedMs = 50, .outcome = "\0end"s, .logBytes = 5, .logDroppedBytes = 6, .log = "l\0g"s};
  REQUIRE(world.wait(world.journal->end(ending)));
  Job job{
      .id = idOf(1), .endedMs = 50, .state = JobState::ENDED, .logBytes = 5, .logDroppedBytes = 6, .outcome = "\0end"s};
  REQUIRE(world.find(idOf(1)) == job);
  REQUIRE(*world.wait(world.journal->log(idOf(1))) == "l\0g"s);
  REQUIRE(*world.wait(world.journal->log(idOf(2))) == std::nullopt);
  REQUIRE(*world.wait(world.journal->log("nobody")) == std::nullopt);
  REQUIRE(world.journal->contents()->logFiles.empty());
}

TEST_CASE("an empty log is a log") {
  JournalWorld world;
  world.add({.id = idOf(1)});
  REQUIRE(world.wait(world.journal->end({.id = idOf(1), .log = ""})));
  REQUIRE(*world.wait(world.journal->log(idOf(1))) == "");
}

TEST_CASE("the journal knows whose log is in a file, and does without a file that is gone") {
  JournalWorld world;
  world.add({.id = idOf(1)});
  world.add({.id = idOf(2)});
  REQUIRE(world.wait(world.journal->end({.id = idOf(1), .logBytes = 3, .logFile = world.temp.write("1.log", "log")})));
  REQUIRE(world.wait(world.journal->end({.id = idOf(2), .logBytes = 4, .logFile = world.temp.path("2.log")})));
  auto contents = *world.journal->contents();
  REQUIRE(contents.logFiles == Ids{idOf(1)});
  REQUIRE(contents.logBytes == 3);
  REQUIRE(world.find(idOf(2))->logDroppedBytes == 4);
}

TEST_CASE("a log that cannot be made durable is told as dropped, and its job ends") {
  JournalWorld world;
  world.add({.id = idOf(1)});
  REQUIRE(world.wait(world.journal->end({.id = idOf(1), .logBytes = 9, .logFile = "/dev/null"})));
  REQUIRE(world.find(idOf(1))->state == JobState::ENDED);
  REQUIRE(world.find(idOf(1))->logBytes == 0);
  REQUIRE(world.find(idOf(1))->logDroppedBytes == 9);
}

TEST_CASE("what a job was run with is kept for its key only") {
  JournalWorld world;
  for (const auto& key : {"key"s, ""s}) {
    auto id = idOf(key.empty() ? 2 : 1);
    Job job{.id = id, .idempotencyKey = key};
    REQUIRE(world.wait(world.journal->add(job, {"request", "context"})));
    REQUIRE(world.wait(world.journal->end({.id = id})));
  }
  Job again{.id = idOf(3), .idempotencyKey = "key"};
  REQUIRE(world.wait(world.journal->add(again, {"request", "other"}))->id == idOf(1));
  REQUIRE_FALSE(world.wait(world.journal->add(again, {"another", ""})));
}

TEST_CASE("that a job was told to end is known to the next daemon") {
  JournalWorld world;
  world.add({.id = idOf(1), .idempotent = true});
  REQUIRE(world.wait(world.journal->cancel(idOf(1))));
  REQUIRE(world.journal->contents()->unended.front().cancelled);
  REQUIRE_FALSE(world.wait(world.journal->cancel("nobody")));
}

TEST_CASE("what has ended, or never was, is not started, put back or ended") {
  JournalWorld world;
  world.addEnded(idOf(1), 5);
  auto before = world.find(idOf(1));
  for (const auto& id : {idOf(1), "nobody"s, ""s}) {
    auto started = world.wait(world.journal->start(id, 9, 9));
    REQUIRE(started.error().reason == Reason::JOB_NOT_FOUND);
    REQUIRE(started.error().fact("job") == id);
    REQUIRE(world.wait(world.journal->requeue(id, 9, 9)).error().reason == Reason::JOB_NOT_FOUND);
    REQUIRE(world.wait(world.journal->end({.id = id, .endedMs = 9})).error().reason == Reason::JOB_NOT_FOUND);
  }
  REQUIRE(world.find(idOf(1)) == before);
}

TEST_CASE("an id that is taken is refused, and those beside it are not") {
  JournalWorld world;
  world.add({.id = idOf(1), .name = "first"});
  auto twice = world.journal->add({.id = idOf(1), .name = "second", .labels = {{"a", "b"}}}, {});
  auto beside = world.journal->add({.id = idOf(2), .labels = {{"c", "d"}}}, {});
  auto refused = world.wait(std::move(twice));
  REQUIRE(refused.error().reason == Reason::JOURNAL_UNAVAILABLE);
  REQUIRE(refused.error().fact("full").empty());
  REQUIRE(world.wait(std::move(beside)));
  REQUIRE(world.find(idOf(1))->name == "first");
  REQUIRE(world.find(idOf(2))->labels.size() == 1);
  REQUIRE(world.list() == Ids{idOf(2), idOf(1)});
}

TEST_CASE("the same key and request is the same job") {
  JournalWorld world;
  world.add({.id = idOf(1), .user = 1, .idempotencyKey = "k"}, {"request", "one shell"});
  auto again = world.add({.id = idOf(2), .user = 1, .idempotencyKey = "k"}, {"request", "another shell"});
  REQUIRE(again.existing);
  REQUIRE(again.id == idOf(1));
  REQUIRE_FALSE(world.find(idOf(2)));
  REQUIRE(world.wait(world.journal->end({.id = idOf(1)})));
  REQUIRE(world.add({.id = idOf(3), .user = 1, .idempotencyKey = "k"}).existing);
}

TEST_CASE("the same key for another request is refused") {
  JournalWorld world;
  world.add({.id = idOf(1), .idempotencyKey = "k"}, {"request"s, ""});
  for (const auto& request : {"request\0"s, "reques"s, "Request"s, ""s}) {
    auto refused = world.wait(world.journal->add({.id = idOf(2), .idempotencyKey = "k"}, {request, ""}));
    REQUIRE(refused.error().kind == ErrorKind::USAGE);
    REQUIRE(refused.error().reason == Reason::IDEMPOTENCY_KEY_TAKEN);
    REQUIRE(refused.error().fact("job") == idOf(1));
  }
  REQUIRE(world.list() == Ids{idOf(1)});
}

TEST_CASE("keys are each user's own, and jobs without one are never the same") {
  JournalWorld world;
  REQUIRE_FALSE(world.add({.id = idOf(1), .user = 1, .idempotencyKey = "k"}).existing);
  REQUIRE_FALSE(world.add({.id = idOf(2), .user = 2, .idempotencyKey = "k"}).existing);
  REQUIRE_FALSE(world.add({.id = idOf(3), .user = 1}).existing);
  REQUIRE_FALSE(world.add({.id = idOf(4), .user = 1}).existing);
}

TEST_CASE("a key of two jobs that are asked for at once goes to the first") {
  JournalWorld world;
  auto first = world.journal->add({.id = idOf(1), .idempotencyKey = "k"}, {"request", ""});
  auto second = world.journal->add({.id = idOf(2), .idempotencyKey = "k"}, {"request", ""});
  REQUIRE(world.wait(std::move(second))->id == idOf(1));
  REQUIRE_FALSE(world.wait(std::move(first))->existing);
}

TEST_CASE("a key is free again when its job is forgotten") {
  JournalWorld world;
  world.add({.id = idOf(1), .idempotencyKey = "k"}, {"one", ""});
  REQUIRE(world.wait(world.journal->end({.id = idOf(1), .endedMs = 1})));
  REQUIRE(world.forget({.endedBeforeMs = 2, .mostEnded = kEver, .mostLogBytes = kEver}) == Ids{idOf(1)});
  REQUIRE_FALSE(world.add({.id = idOf(2), .idempotencyKey = "k"}, {"other", ""}).existing);
}

TEST_CASE("a name is the youngest job of that name, and an id comes before a name") {
  JournalWorld world;
  world.add({.id = idOf(2), .name = "n"});
  world.add({.id = idOf(3), .name = "n"});
  world.add({.id = idOf(1), .name = "n"});
  world.add({.id = idOf(4), .name = idOf(1)});
  REQUIRE(world.find("n")->id == idOf(3));
  REQUIRE(world.find(idOf(1))->id == idOf(1));
  REQUIRE_FALSE(world.find(""));
  auto found = *world.wait(world.journal->find({idOf(2), "none", "n", idOf(2)}));
  REQUIRE(found.size() == 4);
  REQUIRE(found[0]->id == idOf(2));
  REQUIRE_FALSE(found[1]);
  REQUIRE(found[2]->id == idOf(3));
  REQUIRE(found[3] == found[0]);
  REQUIRE(world.wait(world.journal->find({}))->empty());
}

struct ListWorld : JournalWorld {
  ListWorld() {
    add({.id = idOf(1), .name = "a", .labels = {{"env", "prod"}}, .target = "web1"});
    add({.id = idOf(3), .name = "b", .labels = {{"env", "test"}, {"os", ""}}, .target = "web2"});
    add({.id = idOf(2), .name = "a", .labels = {{"env", "prod"}, {"os", "bsd"}}, .target = "web1"});
    add({.id = idOf(4), .target = "web1' OR 1 --"});
    REQUIRE(wait(journal->start(idOf(2), 1, 1)));
    REQUIRE(wait(journal->end({.id = idOf(3), .succeeded = true})));
    REQUIRE(wait(journal->end({.id = idOf(4), .succeeded = false})));
  }
};

TEST_CASE("a list has the youngest first") {
  ListWorld world;
  REQUIRE(world.list() == Ids{idOf(4), idOf(3), idOf(2), idOf(1)});
  REQUIRE(world.list({.limit = 2}) == Ids{idOf(4), idOf(3)});
  REQUIRE(world.list({.before = idOf(3)}) == Ids{idOf(2), idOf(1)});
  REQUIRE(world.list({.before = idOf(3), .limit = 1}) == Ids{idOf(2)});
  REQUIRE(world.list({.limit = 0}).empty());
  REQUIRE(world.list({.limit = SIZE_MAX}).size() == 4);
}

TEST_CASE("a list has what fits all that is asked for") {
  ListWorld world;
  REQUIRE(world.list({.states = {JobState::RUNNING}}) == Ids{idOf(2)});
  REQUIRE(world.list({.states = {JobState::RUNNING, JobState::QUEUED}}) == Ids{idOf(2), idOf(1)});
  REQUIRE(world.list({.states = {JobState::ENDED, JobState::QUEUED}}) == Ids{idOf(4), idOf(3), idOf(1)});
  REQUIRE(world.list({.labels = {{"env", "prod"}}}) == Ids{idOf(2), idOf(1)});
  REQUIRE(world.list({.labels = {{"env", ""}}}) == Ids{idOf(3), idOf(2), idOf(1)});
  REQUIRE(world.list({.labels = {{"env", ""}, {"os", ""}}}) == Ids{idOf(3), idOf(2)});
  REQUIRE(world.list({.labels = {{"env", "prod"}, {"os", "bsd"}}, .target = "web1"}) == Ids{idOf(2)});
  REQUIRE(world.list({.target = "web1' OR 1 --"}) == Ids{idOf(4)});
  REQUIRE(world.list({.failed = true}) == Ids{idOf(4)});
  REQUIRE(world.list({.states = {JobState::RUNNING}, .failed = true}).empty());
  REQUIRE(world.list({.jobs = {"a", idOf(4), idOf(4), "nobody"}}) == Ids{idOf(4), idOf(2)});
  REQUIRE(world.list({.jobs = {"a", "b"}, .states = {JobState::ENDED}}) == Ids{idOf(3)});
  REQUIRE(world.list({.jobs = {"nobody"}}).empty());
}

TEST_CASE("a list may be asked for very many jobs by their ids") {
  ListWorld world;
  std::vector<std::string> jobs(100'000, "nobody");
  jobs.push_back(idOf(1));
  REQUIRE(world.list({.jobs = jobs}) == Ids{idOf(1)});
}

TEST_CASE("what is asked for later sees what was asked for before") {
  JournalWorld world;
  auto added = world.journal->add({.id = idOf(1)}, {});
  auto started = world.journal->start(idOf(1), 1, 2);
  auto ended = world.journal->end({.id = idOf(1), .endedMs = 3, .log = "log"});
  auto log = world.journal->log(idOf(1));
  auto listed = world.journal->list({});
  REQUIRE(world.wait(std::move(listed))->front().endedMs == 3);
  REQUIRE(*world.wait(std::move(log)) == "log");
  REQUIRE(world.wait(std::move(ended)));
}

TEST_CASE("a task that is dropped takes nothing back") {
  JournalWorld world;
  { auto dropped = world.journal->add({.id = idOf(1)}, {}); }
  REQUIRE(world.find(idOf(1)));
  {
    auto begun = world.journal->start(idOf(1), 1, 1);
    world.io.waitScope.poll();  // it is being written
  }
  REQUIRE(world.find(idOf(1))->attempts == 1);
}

TEST_CASE("a journal that is closed has written what was asked for") {
  JournalWorld world;
  { auto dropped = world.journal->add({.id = idOf(1)}, {}); }
  world.io.waitScope.poll();  // it is being written
  { auto dropped = world.journal->add({.id = idOf(2)}, {}); }
  world.reopen();
  REQUIRE(world.list() == Ids{idOf(2), idOf(1)});
}

TEST_CASE("the start of a daemon learns what there is, the oldest first") {
  JournalWorld world;
  REQUIRE(world.journal->contents()->youngestId.empty());
  for (unsigned number : {3, 1, 2}) world.add({.id = idOf(number)});
  world.addEnded(idOf(4), 1, 100);
  world.addEnded(idOf(5), 1, 23);
  auto contents = *world.journal->contents();
  REQUIRE(contents.unended.size() == 3);
  for (unsigned number : {1, 2, 3}) REQUIRE(contents.unended[number - 1].id == idOf(number));
  REQUIRE(contents.youngestId == idOf(5));
  REQUIRE(contents.logBytes == 123);
}

TEST_CASE("jobs that ended long ago are forgotten with all that belonged to them") {
  JournalWorld world;
  world.add({.id = idOf(1), .labels = {{"a", "b"}}, .after = {{idOf(9)}}});
  REQUIRE(world.wait(world.journal->end({.id = idOf(1), .endedMs = 99, .logBytes = 3, .log = "log"})));
  world.addEnded(idOf(2), 100);
  world.add({.id = idOf(3)});
  auto forgotten =
      *world.wait(world.journal->forget({.endedBeforeMs = 100, .mostEnded = kEver, .mostLogBytes = kEver}));
  REQUIRE(forgotten.size() == 1);
  REQUIRE(forgotten[0].id == idOf(1));
  REQUIRE(forgotten[0].logBytes == 3);
  REQUIRE(*world.wait(world.journal->log(idOf(1))) == std::nullopt);
  REQUIRE(world.list() == Ids{idOf(3), idOf(2)});
  REQUIRE(world.list({.labels = {{"a", ""}}}).empty());
  world.add({.id = idOf(4)});  // in the place of the one that has gone
  REQUIRE(world.find(idOf(4)) == Job{.id = idOf(4)});
}

TEST_CASE("of more jobs than are kept the oldest are forgotten") {
  JournalWorld world;
  for (unsigned number : {1, 2, 3, 4}) world.addEnded(idOf(number), 100 - number);
  world.add({.id = idOf(5)});
  REQUIRE(world.forget({.mostEnded = 4, .mostLogBytes = kEver}).empty());
  REQUIRE(world.forget({.mostEnded = 2, .mostLogBytes = kEver}) == Ids{idOf(4), idOf(3)});
  REQUIRE(world.forget({.mostEnded = 0, .mostLogBytes = kEver}) == Ids{idOf(2), idOf(1)});
  REQUIRE(world.list() == Ids{idOf(5)});
}

TEST_CASE("of larger logs than are kept the oldest go, and their jobs stay") {
  JournalWorld world;
  for (unsigned number : {1, 2, 3, 4}) world.addEnded(idOf(number), number, 100);
  REQUIRE(world.forget({.mostEnded = kEver, .mostLogBytes = 400}).empty());
  REQUIRE(world.forget({.mostEnded = kEver, .mostLogBytes = 250}) == Ids{idOf(1), idOf(2)});
  REQUIRE(world.list().size() == 4);
  REQUIRE(world.find(idOf(1))->logBytes == 0);
  REQUIRE(world.find(idOf(1))->logDroppedBytes == 100);
  REQUIRE(world.find(idOf(3))->logBytes == 100);
}

TEST_CASE("a job that one waits for is not forgotten before that has ended") {
  JournalWorld world;
  world.addEnded(idOf(1), 1, 100);
  world.addEnded(idOf(2), 2, 100);
  world.add({.id = idOf(3), .after = {{idOf(1)}}});
  Journal::Retention nothing{.endedBeforeMs = 10, .mostLogBytes = kEver};
  REQUIRE(world.forget(nothing) == Ids{idOf(2)});
  REQUIRE(world.wait(world.journal->end({.id = idOf(3), .endedMs = 3})));
  REQUIRE(world.forget(nothing) == Ids{idOf(1), idOf(3)});
}

TEST_CASE("very many jobs are forgotten in more than one transaction") {
  JournalWorld world;
  std::vector<kj::Promise<void>> adding;
  for (unsigned number = 0; number < 1'300; ++number) {
    adding.push_back(world.journal->add({.id = idOf(number), .state = JobState::ENDED}, {}).promise().ignoreResult());
  }
  for (auto& added : adding) added.wait(world.io.waitScope);
  REQUIRE(world.forget({.mostEnded = 1, .mostLogBytes = kEver}).size() == 1'299);
  REQUIRE(world.list() == Ids{idOf(1'299)});
}

}  // namespace
}  // namespace cbs::queue
